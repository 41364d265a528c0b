"""Everything stored about a resident, for them to read."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from db.consents import Consent, consents_of
from db.feedback import Opinion, opinion_of
from db.inbox import EntryState
from db.queries import Query, query_of
from db.reports import Report, report_of
from db.residents import Preferences, preferences_of
from db.secret import Secret
from db.tables import FEEDBACK, INBOX, PHOTOS, QUERIES, REPORTS


@dataclass(frozen=True, slots=True)
class MyData:
    """Everything stored about one resident; each list oldest first.

    Attributes:
        unfinished: messages received and not answered yet.
        photos: kept photos.

    """

    preferences: Preferences
    consents: tuple[Consent, ...]
    queries: tuple[Query, ...]
    feedback: tuple[Opinion, ...]
    reports: tuple[Report, ...]
    unfinished: int
    photos: int

    def plain(self) -> dict[str, Any]:
        """As ``json.dumps`` takes it: times in ISO 8601, UTC. The pseudonym, which is no use to them, is left out."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def my_data_in(connection: Connection, secret: Secret, user_key: str) -> MyData:
    """All of it, read in this transaction."""
    queries = select(QUERIES).where(QUERIES.c.user_key == user_key).order_by(QUERIES.c.at, QUERIES.c.id)
    feedback = select(FEEDBACK).where(FEEDBACK.c.user_key == user_key).order_by(FEEDBACK.c.id)
    reports = select(REPORTS).where(REPORTS.c.user_key == user_key).order_by(REPORTS.c.at, REPORTS.c.id)
    unfinished = select(func.count()).where(INBOX.c.user_key == user_key, INBOX.c.state == EntryState.RECEIVED.value)
    photos = select(func.count()).where(PHOTOS.c.user_key == user_key, PHOTOS.c.size.is_not(None))
    return MyData(
        preferences=preferences_of(connection, user_key),
        consents=consents_of(connection, user_key),
        queries=tuple(query_of(row) for row in connection.execute(queries)),
        feedback=tuple(opinion_of(row) for row in connection.execute(feedback)),
        reports=tuple(report_of(row, secret) for row in connection.execute(reports)),
        unfinished=connection.scalar(unfinished) or 0,
        photos=connection.scalar(photos) or 0,
    )


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items() if name != "user_key"}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
