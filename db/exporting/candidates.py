"""The photos that a request asks for, read from the database in pages: never all of them at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from db.counting_labels import IS_REJECTED, NEWEST_LABEL
from db.exporting.item import LabelSource
from db.exporting.request import ExportRequest
from db.secret import Secret
from db.tables import FEEDBACK, LABELS, PHOTOS, QUERIES

PAGE: Final = 5_000
"""Rows at once: some megabytes. A database that sorts what a filter lets through does so once a page."""
_DISCORD: Final = "discord"


Candidate = tuple[Any, ...]
"""A photo that may be exported: the fields of an ``Item`` but its last, in their order, and whether its resident
disagrees with the model. A bare tuple, for there are a hundred thousand of them, on their way to the plan's table."""

_NEWEST_WORD: Final = (
    select(func.max(FEEDBACK.c.id))
    .where(FEEDBACK.c.query_id == PHOTOS.c.query_id, FEEDBACK.c.user_key == PHOTOS.c.user_key)
    .correlate(PHOTOS)
    .scalar_subquery()
)
_RESIDENTS: Final = func.coalesce(FEEDBACK.c.label, case((FEEDBACK.c.verdict == "right", QUERIES.c.label)))
_DISAGREES: Final = func.coalesce(
    or_(FEEDBACK.c.verdict.in_(("wrong", "none")), FEEDBACK.c.label != QUERIES.c.label), False
)


def candidates_statement(request: ExportRequest, started: datetime, after: str = "") -> Select[Any]:
    """The next page of photos behind this id, by id. ``started`` keeps out what came since the export began."""
    statement = (
        select(
            PHOTOS.c.id,
            PHOTOS.c.at,
            PHOTOS.c.platform,
            func.coalesce(QUERIES.c.language, ""),
            PHOTOS.c.licence,
            func.coalesce(QUERIES.c.model, ""),
            func.coalesce(QUERIES.c.label, ""),
            QUERIES.c.confidence,
            QUERIES.c.margin,
            func.coalesce(_RESIDENTS, ""),
            func.coalesce(LABELS.c.label, _RESIDENTS, ""),
            case(
                (LABELS.c.label.is_not(None), LabelSource.PEOPLE.value),
                (_RESIDENTS.is_not(None), LabelSource.RESIDENT.value),
                else_=LabelSource.NOBODY.value,
            ),
            PHOTOS.c.user_key,
            _DISAGREES,
        )
        .select_from(PHOTOS)
        .outerjoin(QUERIES, QUERIES.c.id == PHOTOS.c.query_id)
        .outerjoin(FEEDBACK, FEEDBACK.c.id == _NEWEST_WORD)
        .outerjoin(LABELS, LABELS.c.id == NEWEST_LABEL)
        .where(PHOTOS.c.id > after, PHOTOS.c.size.is_not(None), PHOTOS.c.at <= started, ~IS_REJECTED)
    )
    return statement.where(*_conditions(request)).order_by(PHOTOS.c.id).limit(PAGE)


def read_candidates(
    connection: Connection, request: ExportRequest, started: datetime, after: str, person: Callable[[str], str]
) -> list[Candidate]:
    """That page, in this transaction; empty behind the last one. ``person`` makes a group id of a pseudonym."""
    rows = connection.execute(candidates_statement(request, started, after))
    return [
        (item_id, f"{at.year}-{at.month:02}", *known, person(user_key), bool(disagrees))
        for item_id, at, *known, user_key, disagrees in rows
    ]


def _conditions(request: ExportRequest) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if request.since is not None:
        wanted.append(PHOTOS.c.at >= request.since)
    if request.until is not None:
        wanted.append(PHOTOS.c.at < request.until)
    if request.labels:
        wanted.append(func.coalesce(LABELS.c.label, _RESIDENTS, QUERIES.c.label).in_(request.labels))
    if request.platforms:
        wanted.append(PHOTOS.c.platform.in_(request.platforms))
    if not request.with_discord:
        wanted.append(PHOTOS.c.platform != _DISCORD)
    if request.languages:
        wanted.append(QUERIES.c.language.in_(request.languages))
    if request.most_margin is not None:
        wanted.append(and_(QUERIES.c.margin.is_not(None), QUERIES.c.margin <= request.most_margin))
    if request.disagreement:
        wanted.append(_DISAGREES)
    if request.items:
        wanted.append(PHOTOS.c.id.in_(request.items))
    if request.unlabelled:
        wanted.append(LABELS.c.id.is_(None))
    return wanted


def person_in(secret: Secret, export_id: str, user_key: str) -> str:
    """What stands for a resident in this export: 16 characters that lead nowhere without the secret."""
    return secret.item_key("export", f"{export_id}:{user_key}")[:16]
