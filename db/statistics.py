"""Figures on the query log: how many, of what, how often right, how fast. Of nobody in particular."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

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
    by_platform, by_kind, by_label, by_decision = _counted(connection, since)
    median, p95 = _latencies(connection, since, (0.5, 0.95))
    return Statistics(
        since=since,
        queries=by_platform.total(),
        by_platform=_commonest_first(by_platform),
        by_kind=_commonest_first(by_kind),
        by_label=_commonest_first(by_label),
        by_decision=_commonest_first(by_decision),
        right=verdicts.get("right", 0),
        wrong=sum(verdicts.get(verdict, 0) for verdict in _WRONG),
        unclear=sum(verdicts.get(verdict, 0) for verdict in _UNCLEAR),
        latency_median_ms=median,
        latency_p95_ms=p95,
    )


def _counted(connection: Connection, since: datetime) -> tuple[Counter[str], ...]:
    """By platform, kind, label and decision, from one look at the log; without those that have no value."""
    columns = (QUERIES.c.platform, QUERIES.c.kind, QUERIES.c.label, QUERIES.c.decision)
    counters: tuple[Counter[str], ...] = tuple(Counter() for _ in columns)
    counted = select(*columns, func.count()).where(QUERIES.c.at >= since).group_by(*columns)
    for *values, count in connection.execute(counted):
        for counter, value in zip(counters, values, strict=True):
            if value is not None:
                counter[str(value)] += int(count)
    return counters


def _commonest_first(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda each: (-each[1], each[0])))


def _verdicts(connection: Connection, since: datetime) -> dict[str, int]:
    newest = select(func.max(FEEDBACK.c.id)).group_by(FEEDBACK.c.query_id, FEEDBACK.c.user_key)
    counted = (
        select(FEEDBACK.c.verdict, func.count())
        .join(QUERIES, QUERIES.c.id == FEEDBACK.c.query_id)
        .where(QUERIES.c.at >= since, FEEDBACK.c.id.in_(newest))
        .group_by(FEEDBACK.c.verdict)
    )
    return {str(verdict): int(count) for verdict, count in connection.execute(counted)}


def _latencies(connection: Connection, since: datetime, shares: Sequence[float]) -> list[float | None]:
    """The nearest ranks: for each share, the smallest time that this share of the queries did not exceed."""
    measured = (QUERIES.c.at >= since, QUERIES.c.total_ms.is_not(None))
    number = connection.scalar(select(func.count()).select_from(QUERIES).where(*measured)) or 0
    if not number:
        return [None for _ in shares]
    ordered = select(QUERIES.c.total_ms).where(*measured).order_by(QUERIES.c.total_ms)
    ranks = [max(0, -int(-share * number // 1) - 1) for share in shares]
    found = [connection.scalar(ordered.offset(rank).limit(1)) for rank in ranks]
    return [None if each is None else float(each) for each in found]
