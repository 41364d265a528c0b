"""The query log: what was asked and answered, by a pseudonym; no photo, no caption, no name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from db.query_id import new_query_id
from db.statistics import Statistics, statistics_since
from db.store import Store
from db.tables import QUERIES

__all__ = ["Query", "QueryLog", "Statistics", "new_query_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One thing asked, and what was answered.

    Attributes:
        id: eight characters of A-Z and 2-9, from ``new_query_id``.
        at: aware; stored to the second.
        platform: of ``Platform``'s values.
        user_key: the resident's pseudonym, "" for somebody unknown.
        language: what the answer was written in.
        region: the place whose rules it gave.
        kind: "photo", "thing", "guide" or "generate".
        model: name and version of the network, where one was asked.
        label: the likeliest label, or the one that was asked for.
        confidence: of that label, 0 to 1.
        probabilities: of each label, 0 to 1.
        waste_score: how surely the photo shows waste, 0 to 1.
        decision: "answer", "ask" or "not_waste".
        hazards: such as "battery".
        notices: what was remarked on the photo, such as "dark".
        thing: the everyday thing that was found, by its id; never the words that were written.
        problem: the code of what went wrong, where something did.
        latency_ms: by stage, milliseconds; the stage "total", where it is there, is the whole.

    """

    id: str
    at: datetime
    platform: str
    user_key: str
    language: str
    region: str
    kind: str
    model: str | None = None
    label: str | None = None
    confidence: float | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    waste_score: float | None = None
    decision: str | None = None
    hazards: Sequence[str] = ()
    notices: Sequence[str] = ()
    thing: str | None = None
    problem: str | None = None
    latency_ms: Mapping[str, float] = field(default_factory=dict)


class QueryLog:
    """The log of queries."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, query: Query) -> None:
        """Keep it."""
        row = _row_of(query)

        def add(connection: Connection) -> None:
            connection.execute(insert(QUERIES), row)

        await self._store.write(add)

    async def get(self, query_id: str) -> Query | None:
        """The query of this id; None where there is none, or none any more."""

        def get(connection: Connection) -> Row[Any] | None:
            return connection.execute(select(QUERIES).where(QUERIES.c.id == query_id)).one_or_none()

        row = await self._store.read(get)
        return None if row is None else query_of(row)

    async def newest_model(self) -> str | None:
        """Name and version of the network that answered last; None where none did."""
        newest = select(QUERIES.c.model).where(QUERIES.c.model.is_not(None)).order_by(QUERIES.c.at.desc()).limit(1)
        return await self._store.read(lambda connection: connection.scalar(newest))

    async def statistics(self, since: datetime) -> Statistics:
        """Figures on the queries from this aware time on; of nobody in particular."""
        return await self._store.read(lambda connection: statistics_since(connection, since))


def query_of(row: Row[Any]) -> Query:
    """A query as it was logged."""
    return Query(
        id=row.id,
        at=row.at,
        platform=row.platform,
        user_key=row.user_key,
        language=row.language,
        region=row.region,
        kind=row.kind,
        model=row.model,
        label=row.label,
        confidence=row.confidence,
        probabilities=row.probabilities,
        waste_score=row.waste_score,
        decision=row.decision,
        hazards=tuple(row.hazards),
        notices=tuple(row.notices),
        thing=row.thing,
        problem=row.problem,
        latency_ms=row.latency_ms,
    )


def margin_of(probabilities: Mapping[str, float]) -> float | None:
    """By how much the likeliest label is ahead of the second, 0 to 1; None where no network was asked."""
    if not probabilities:
        return None
    best, second, *_ = [*sorted(map(float, probabilities.values()), reverse=True), 0.0]
    return best - second


def _row_of(query: Query) -> dict[str, object]:
    latency = {str(stage): float(ms) for stage, ms in query.latency_ms.items()}
    return {
        "id": query.id,
        "at": query.at.astimezone(UTC).replace(microsecond=0),
        "platform": str(query.platform),
        "user_key": query.user_key,
        "language": query.language,
        "region": query.region,
        "kind": query.kind,
        "model": query.model,
        "label": query.label,
        "confidence": query.confidence,
        "probabilities": {str(label): float(share) for label, share in query.probabilities.items()},
        "margin": margin_of(query.probabilities),
        "waste_score": query.waste_score,
        "decision": query.decision,
        "hazards": [str(hazard) for hazard in query.hazards],
        "notices": [str(notice) for notice in query.notices],
        "thing": query.thing,
        "problem": query.problem,
        "latency_ms": latency,
        "total_ms": latency.get("total", sum(latency.values())) if latency else None,
    }
