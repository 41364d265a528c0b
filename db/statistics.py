"""Figures on the query log: how many, of what, how often right, how fast. Of nobody in particular."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, func, select

from db.tables import FEEDBACK, QUERIES

_WRONG: Final = ("wrong", "none")
_UNCLEAR: Final = ("several", "unseen")


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures on the queries since a time.

    Attributes:
        since: aware, UTC.
        queries: how many there were.
        by_platform: how many on each platform; likewise the other ``by_...``, which leave out what has no value.
        right: on how many a resident's newest word was that the answer was right.
        wrong: likewise wrong, or none of the labels.
        unclear: likewise several things, or nothing to see: no judgement of the answer.
        latency_median_ms: milliseconds from request to answer; None where none was measured.
        latency_p95_ms: what 95 of 100 queries stayed within, milliseconds.

    """

    since: datetime
    queries: int = 0
    by_platform: Mapping[str, int] = field(default_factory=dict)
    by_kind: Mapping[str, int] = field(default_factory=dict)
    by_label: Mapping[str, int] = field(default_factory=dict)
    by_decision: Mapping[str, int] = field(default_factory=dict)
    right: int = 0
    wrong: int = 0
    unclear: int = 0
    latency_median_ms: float | None = None
    latency_p95_ms: float | None = None

    @property
    def judged(self) -> int:
        """How many answers were called right or wrong."""
        return self.right + self.wrong

    @property
    def share_right(self) -> float | None:
        """Of those judged, the share that was right, 0 to 1; None where none was judged."""
        return self.right / self.judged if self.judged else None


def statistics_since(connection: Connection, since: datetime) -> Statistics:
    """The figures, in one transaction."""
    verdicts = _verdicts(connection, since)
    return Statistics(
        since=since,
        queries=connection.scalar(select(func.count()).select_from(QUERIES).where(QUERIES.c.at >= since)) or 0,
        by_platform=_counted(connection, QUERIES.c.platform, since),
        by_kind=_counted(connection, QUERIES.c.kind, since),
        by_label=_counted(connection, QUERIES.c.label, since),
        by_decision=_counted(connection, QUERIES.c.decision, since),
        right=verdicts.get("right", 0),
        wrong=sum(verdicts.get(verdict, 0) for verdict in _WRONG),
        unclear=sum(verdicts.get(verdict, 0) for verdict in _UNCLEAR),
        latency_median_ms=_latency(connection, since, 0.5),
        latency_p95_ms=_latency(connection, since, 0.95),
    )


def _counted(connection: Connection, column: Column[Any], since: datetime) -> dict[str, int]:
    number = func.count()
    counted = (
        select(column, number)
        .where(QUERIES.c.at >= since, column.is_not(None))
        .group_by(column)
        .order_by(number.desc(), column)
    )
    return {str(value): int(count) for value, count in connection.execute(counted)}


def _verdicts(connection: Connection, since: datetime) -> dict[str, int]:
    newest = select(func.max(FEEDBACK.c.id)).group_by(FEEDBACK.c.query_id, FEEDBACK.c.user_key)
    counted = (
        select(FEEDBACK.c.verdict, func.count())
        .join(QUERIES, QUERIES.c.id == FEEDBACK.c.query_id)
        .where(QUERIES.c.at >= since, FEEDBACK.c.id.in_(newest))
        .group_by(FEEDBACK.c.verdict)
    )
    return {str(verdict): int(count) for verdict, count in connection.execute(counted)}


def _latency(connection: Connection, since: datetime, share: float) -> float | None:
    """The nearest rank: the smallest time that this share of the queries did not exceed."""
    measured = (QUERIES.c.at >= since, QUERIES.c.total_ms.is_not(None))
    number = connection.scalar(select(func.count()).select_from(QUERIES).where(*measured)) or 0
    if not number:
        return None
    rank = max(0, -int(-share * number // 1) - 1)
    found = connection.scalar(
        select(QUERIES.c.total_ms).where(*measured).order_by(QUERIES.c.total_ms).offset(rank).limit(1)
    )
    return None if found is None else float(found)
