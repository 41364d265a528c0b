"""Rows for the tests of the database."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from db.queries import Query, new_query_id
from tests.databases import SECRET

ANNA = SECRET.user_key("telegram", "1001")
BORA = SECRET.user_key("discord", "2002")
NOW = datetime(2026, 5, 4, 12, 30, 15, tzinfo=UTC)


def query(user_key: str = ANNA, at: datetime = NOW, **given: Any) -> Query:
    """A photo of paper, answered."""
    values: Mapping[str, Any] = {
        "id": new_query_id(),
        "at": at,
        "platform": "telegram",
        "user_key": user_key,
        "language": "ko",
        "region": "kr",
        "kind": "photo",
        "model": "tiny 1",
        "label": "paper",
        "confidence": 0.91,
        "probabilities": {"paper": 0.91, "cardboard": 0.09},
        "waste_score": 0.99,
        "decision": "answer",
        "hazards": (),
        "notices": ("dark",),
        "latency_ms": {"fetch": 20.0, "model": 10.0},
    }
    return Query(**{**values, **given})
