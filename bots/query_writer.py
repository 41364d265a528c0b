"""Puts every query into the log: what was asked and answered, never what was written or shown."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bots.request import Resident
from db.database import Database
from db.errors import DatabaseError
from db.queries import Query, new_query_id
from inference.answer import Classification
from inference.errors import DecodeError, HostsFailed, InferenceError

_log = logging.getLogger(__name__)


class QueryWriter:
    """Writes queries where there is a database. One that cannot be logged is answered all the same."""

    def __init__(self, memory: Database | None) -> None:
        self._memory = memory

    async def photo(
        self, seen: Classification | InferenceError, resident: Resident, latency_ms: Mapping[str, float]
    ) -> str:
        """Log a photo; the query's id, "" where it was not logged.

        ``latency_ms`` is by stage, milliseconds.
        """
        if self._memory is None:
            return ""
        asked = _asked("photo", resident)
        if isinstance(seen, InferenceError):
            problem = _problem(seen)
            return await self._add(replace(asked, problem=problem, latency_ms=latency_ms))
        return await self._add(
            replace(
                asked,
                model=seen.model,
                label=seen.label.value,
                confidence=seen.confidence,
                probabilities={each.label.value: each.p for each in seen.top},
                waste_score=seen.waste_score,
                decision=seen.decision.value,
                hazards=tuple(hazard.value for hazard in seen.hazards),
                notices=tuple(notice.value for notice in seen.notices),
                latency_ms=latency_ms,
            )
        )

    async def asked(
        self, kind: str, resident: Resident, *, label: str | None = None, thing: str | None = None, problem: str = ""
    ) -> str:
        """Log a question in words ("thing", "guide" or "generate") by what was found; its id."""
        if self._memory is None:
            return ""
        return await self._add(replace(_asked(kind, resident), label=label, thing=thing, problem=problem or None))

    async def _add(self, query: Query) -> str:
        assert self._memory is not None
        try:
            await self._memory.queries.add(query)
        except DatabaseError as error:
            _log.error("a query was not logged: %s", error)
            return ""
        return query.id


def _problem(error: InferenceError) -> str:
    match error:
        case DecodeError():
            return error.problem.value
        case HostsFailed():
            return "failed"
        case _:
            return "unavailable"


def _asked(kind: str, resident: Resident) -> Query:
    return Query(
        id=new_query_id(),
        at=datetime.now(UTC),
        platform=resident.platform.value,
        user_key=resident.user_key,
        language=resident.language,
        region=resident.region,
        kind=kind,
    )
