"""Deleting everything about a resident."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from db.inbox import FORGOTTEN, EntryState
from db.secret import Secret
from db.tables import CONSENTS, FEEDBACK, INBOX, QUERIES, REPORTS, RESIDENTS
from db.tombstones import bury


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows of each kind were deleted. Kept photos are the vault's: ``PhotoVault.delete_of``."""

    queries: int = 0
    feedback: int = 0
    preferences: int = 0
    consents: int = 0
    reports: int = 0
    inbox: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.queries + self.feedback + self.preferences + self.consents + self.reports + self.inbox


def forget_in(connection: Connection, secret: Secret, user_key: str, now: datetime) -> Forgotten:
    """Delete, in this transaction, all that bears this pseudonym, and write a tombstone for each query."""
    feedback = connection.execute(delete(FEEDBACK).where(FEEDBACK.c.user_key == user_key)).rowcount
    queries = list(connection.scalars(select(QUERIES.c.id).where(QUERIES.c.user_key == user_key)))
    bury(connection, secret, "query", queries, now)
    connection.execute(delete(QUERIES).where(QUERIES.c.user_key == user_key))
    # The row stays, empty, so that the platform's second sending of it is still known as such.
    inbox = connection.execute(
        update(INBOX)
        .where(INBOX.c.user_key == user_key, INBOX.c.state == EntryState.RECEIVED.value)
        .values(state=EntryState.FAILED.value, code=FORGOTTEN, payload=None, user_key="", finished_at=now)
    ).rowcount
    return Forgotten(
        queries=len(queries),
        feedback=feedback,
        preferences=connection.execute(delete(RESIDENTS).where(RESIDENTS.c.user_key == user_key)).rowcount,
        consents=connection.execute(delete(CONSENTS).where(CONSENTS.c.user_key == user_key)).rowcount,
        reports=connection.execute(delete(REPORTS).where(REPORTS.c.user_key == user_key)).rowcount,
        inbox=inbox,
    )
