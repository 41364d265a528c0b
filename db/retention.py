"""How long what is kept, and the purge of what is older."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from db.inbox import EntryState
from db.tables import INBOX, QUERIES, REPORTS


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept, in days.

    Attributes:
        queries_days: queries, with the feedback on them; 1 or more.
        inbox_days: finished inbox entries, without their payload; 1 or more, because a platform sends an update
            again for up to 24 hours (Telegram Bot API, getUpdates), and a purged one would be answered twice.
        unfinished_days: entries that were never finished: of an adapter that is no longer run.
        reports_days: residents' reports.
        unreviewed_photos_days: kept photos that nobody reviewed (``PhotoVault.purge``).

    """

    queries_days: int = 180
    inbox_days: int = 2
    unfinished_days: int = 30
    reports_days: int = 365
    unreviewed_photos_days: int = 90

    def __post_init__(self) -> None:
        """Refuse what would delete at once.

        Raises:
            ValueError: a number of days is below 1.

        """
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more")


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were deleted. Feedback goes with its query and is not counted."""

    queries: int = 0
    inbox: int = 0
    reports: int = 0


def purge_before(connection: Connection, now: datetime, retention: Retention) -> Purged:
    """Delete what is older than it may be, in this transaction."""

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    finished = delete(INBOX).where(
        INBOX.c.state != EntryState.RECEIVED.value, INBOX.c.finished_at < before(retention.inbox_days)
    )
    abandoned = delete(INBOX).where(
        INBOX.c.state == EntryState.RECEIVED.value, INBOX.c.received_at < before(retention.unfinished_days)
    )
    return Purged(
        queries=connection.execute(delete(QUERIES).where(QUERIES.c.at < before(retention.queries_days))).rowcount,
        inbox=connection.execute(finished).rowcount + connection.execute(abandoned).rowcount,
        reports=connection.execute(delete(REPORTS).where(REPORTS.c.at < before(retention.reports_days))).rowcount,
    )
