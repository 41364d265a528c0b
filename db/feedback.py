"""What residents say of an answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, insert, select

from db.store import Store
from db.tables import FEEDBACK, QUERIES
from db.times import utc_now

Verdict = Literal["right", "wrong", "none", "several", "unseen"]
"""Right; wrong; none of the labels; several things in one photo; nothing to see."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a resident said of an answer, and when (aware, UTC). The label is the one they say it is."""

    query_id: str
    verdict: Verdict
    label: str | None
    at: datetime


class Feedback:
    """All that was said. The history is kept; of one resident on one answer, the newest word counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def say(self, query_id: str, user_key: str, verdict: Verdict, label: str | None = None) -> bool:
        """Keep it; False where the query is not, or no longer, in the log, and nothing was kept."""
        assert verdict in get_args(Verdict)
        row = {"at": utc_now(), "query_id": query_id, "user_key": user_key, "verdict": verdict, "label": label}

        def say(connection: Connection) -> bool:
            if connection.scalar(select(QUERIES.c.id).where(QUERIES.c.id == query_id)) is None:
                return False
            connection.execute(insert(FEEDBACK), row)
            return True

        return await self._store.write(say)

    async def of(self, query_id: str, user_key: str) -> Opinion | None:
        """Their newest word on it; None where they said nothing."""

        def newest(connection: Connection) -> Row[Any] | None:
            return connection.execute(
                select(FEEDBACK)
                .where(FEEDBACK.c.query_id == query_id, FEEDBACK.c.user_key == user_key)
                .order_by(FEEDBACK.c.id.desc())
                .limit(1)
            ).one_or_none()

        row = await self._store.read(newest)
        return None if row is None else opinion_of(row)


def opinion_of(row: Row[Any]) -> Opinion:
    """An opinion as it was kept."""
    return Opinion(row.query_id, row.verdict, row.label, row.at)
