"""The query log, feedback and statistics, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from db.database import Database
from db.queries import new_query_id
from tests.db_rows import ANNA, BORA, NOW, query

DAY = timedelta(days=1)


async def test_a_query_is_read_as_it_was_logged(database: Database) -> None:
    logged = query(thing="pizza-box", problem=None, hazards=("battery",))
    await database.queries.add(logged)
    assert await database.queries.get(logged.id) == logged


async def test_a_query_that_asked_no_network_has_no_figures(database: Database) -> None:
    logged = query(
        kind="guide", model=None, confidence=None, probabilities={}, waste_score=None, decision=None, latency_ms={}
    )
    await database.queries.add(logged)
    assert await database.queries.get(logged.id) == logged


async def test_the_time_is_kept_to_the_second_in_utc(database: Database) -> None:
    seoul = timezone(timedelta(hours=9))
    logged = query(at=datetime(2026, 5, 4, 21, 30, 15, 999_999, tzinfo=seoul))
    await database.queries.add(logged)
    found = await database.queries.get(logged.id)
    assert found is not None
    assert found.at == NOW
    assert found.at.tzinfo is UTC


async def test_an_unknown_query_is_none(database: Database) -> None:
    assert await database.queries.get(new_query_id()) is None


async def test_the_newest_word_counts(database: Database) -> None:
    logged = query()
    await database.queries.add(logged)
    assert await database.feedback.of(logged.id, ANNA) is None
    assert await database.feedback.say(logged.id, ANNA, "right")
    assert await database.feedback.say(logged.id, ANNA, "wrong", "cardboard")
    opinion = await database.feedback.of(logged.id, ANNA)
    assert opinion is not None
    assert (opinion.verdict, opinion.label) == ("wrong", "cardboard")
    assert await database.feedback.of(logged.id, BORA) is None


async def test_a_word_on_a_query_that_is_gone_is_not_kept(database: Database) -> None:
    assert not await database.feedback.say(new_query_id(), ANNA, "right")


async def test_figures_are_of_the_queries_since_then(database: Database) -> None:
    for number in range(1, 21):
        await database.queries.add(query(at=NOW + number * timedelta(minutes=1), latency_ms={"model": float(number)}))
    await database.queries.add(query(BORA, platform="discord", label="metal", decision="ask", latency_ms={}))
    await database.queries.add(query(kind="guide", label=None, decision=None, latency_ms={"total": 7.0, "model": 5.0}))
    await database.queries.add(query(at=NOW - DAY))

    statistics = await database.queries.statistics(NOW)

    assert statistics.queries == 22
    assert statistics.by_platform == {"telegram": 21, "discord": 1}
    assert statistics.by_kind == {"photo": 21, "guide": 1}
    assert statistics.by_label == {"paper": 20, "metal": 1}
    assert statistics.by_decision == {"answer": 20, "ask": 1}
    # 1..20 and 7: the 11th and the 20th of 21.
    assert statistics.latency_median_ms == 10.0
    assert statistics.latency_p95_ms == 19.0


async def test_each_residents_newest_word_on_each_answer_is_counted(database: Database) -> None:
    queries = [query() for _ in range(4)]
    old = query(at=NOW - DAY)
    for logged in [*queries, old]:
        await database.queries.add(logged)
    say = database.feedback.say
    await say(queries[0].id, ANNA, "wrong", "metal")
    await say(queries[0].id, ANNA, "right")
    await say(queries[0].id, BORA, "right")
    await say(queries[1].id, ANNA, "right")
    await say(queries[2].id, ANNA, "none")
    await say(queries[3].id, ANNA, "several")
    await say(old.id, ANNA, "wrong")

    statistics = await database.queries.statistics(NOW)

    assert (statistics.right, statistics.wrong, statistics.unclear) == (3, 1, 1)
    assert statistics.share_right == 0.75


async def test_figures_of_an_empty_log_are_none(database: Database) -> None:
    statistics = await database.queries.statistics(NOW)
    assert statistics.queries == 0
    assert statistics.share_right is None
    assert statistics.latency_median_ms is None


async def test_a_time_without_an_offset_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without an offset"):
        await database.queries.statistics(NOW.replace(tzinfo=None))
