"""The photos that a request asks for, read from the database in pages: never all of them at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from db.exporting.item import Item, LabelSource
from db.exporting.request import ExportRequest
from db.secret import Secret
from db.tables import FEEDBACK, LABELS, PHOTOS, QUERIES

PAGE: Final = 2_000
_DISCORD: Final = "discord"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo that may be exported, and what its place in the order hangs on."""

    item: Item
    disagrees: bool


_NEWEST_WORD: Final = (
    select(func.max(FEEDBACK.c.id))
    .where(FEEDBACK.c.query_id == PHOTOS.c.query_id, FEEDBACK.c.user_key == PHOTOS.c.user_key)
    .correlate(PHOTOS)
    .scalar_subquery()
)
_NEWEST_LABEL: Final = (
    select(func.max(LABELS.c.id))
    .where(LABELS.c.photo_id == PHOTOS.c.id, LABELS.c.label.is_not(None))
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
            PHOTOS.c.licence,
            PHOTOS.c.user_key,
            QUERIES.c.language,
            QUERIES.c.model,
            QUERIES.c.label.label("predicted"),
            QUERIES.c.confidence,
            QUERIES.c.margin,
            _RESIDENTS.label("residents"),
            LABELS.c.label.label("peoples"),
            _DISAGREES.label("disagrees"),
        )
        .select_from(PHOTOS)
        .outerjoin(QUERIES, QUERIES.c.id == PHOTOS.c.query_id)
        .outerjoin(FEEDBACK, FEEDBACK.c.id == _NEWEST_WORD)
        .outerjoin(LABELS, LABELS.c.id == _NEWEST_LABEL)
        .where(PHOTOS.c.id > after, PHOTOS.c.size.is_not(None), PHOTOS.c.at <= started)
    )
    return statement.where(*_conditions(request)).order_by(PHOTOS.c.id).limit(PAGE)


def read_candidates(
    connection: Connection, request: ExportRequest, started: datetime, after: str, secret: Secret, export_id: str
) -> list[Candidate]:
    """That page, in this transaction; empty behind the last one."""
    rows = connection.execute(candidates_statement(request, started, after))
    return [_candidate(row, secret, export_id) for row in rows]


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
    if request.unlabelled:
        wanted.append(LABELS.c.id.is_(None))
    return wanted


def _candidate(row: Row[Any], secret: Secret, export_id: str) -> Candidate:
    label, source = row.peoples, LabelSource.PEOPLE
    if label is None:
        label, source = row.residents, LabelSource.RESIDENT
    item = Item(
        item_id=row.id,
        month=f"{row.at:%Y-%m}",
        source=row.platform,
        language=row.language or "",
        licence=row.licence,
        model=row.model or "",
        predicted=row.predicted or "",
        score=row.confidence,
        margin=row.margin,
        resident_label=row.residents or "",
        label=label or "",
        label_source=(source if label else LabelSource.NOBODY).value,
        person=person_in(secret, export_id, row.user_key),
    )
    return Candidate(item, bool(row.disagrees))


def person_in(secret: Secret, export_id: str, user_key: str) -> str:
    """What stands for a resident in this export: 16 characters that lead nowhere without the secret."""
    return secret.item_key("export", f"{export_id}:{user_key}")[:16]
