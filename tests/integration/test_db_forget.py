"""Forgetting, reading one's own data, and the purge, on both databases."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.database import Database
from db.forgetting import Forgotten
from db.inbox import Arrival
from db.migrate import upgrade
from db.queries import Query
from db.retention import Purged, Retention
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA, NOW, query


async def fill(database: Database, user_key: str, *, queries: int = 3) -> list[Query]:
    """One of everything about a resident, and some queries."""
    logged = [query(user_key) for _ in range(queries)]
    for one in logged:
        await database.queries.add(one)
    await database.feedback.say(logged[0].id, user_key, "wrong", "metal")
    await database.residents.set_region(user_key, "kr")
    await database.consents.asked(user_key, "telegram", "1")
    await database.consents.record(user_key, "telegram", "1", given=True)
    await database.reports.add(user_key, "telegram", logged[0].id, "this is metal")
    await database.inbox.receive([Arrival("telegram", f"{user_key[:20]}-{number}", b"x", user_key) for number in "12"])
    return logged


async def test_forgetting_says_what_it_deleted_and_spares_others(database: Database) -> None:
    await fill(database, ANNA)
    kept = await fill(database, BORA)
    forgotten = await database.forget(ANNA)
    assert forgotten == Forgotten(queries=3, feedback=1, preferences=1, consents=2, reports=1, inbox=2)
    assert forgotten.total == 10
    assert (await database.my_data(BORA)).queries == tuple(sorted(kept, key=lambda one: one.id))


async def test_after_forgetting_nothing_is_left(database: Database) -> None:
    await fill(database, ANNA)
    await database.forget(ANNA)
    mine = await database.my_data(ANNA)
    assert (mine.queries, mine.feedback, mine.consents, mine.reports) == ((), (), (), ())
    assert (mine.unfinished, mine.photos, mine.preferences.region) == (0, 0, None)
    assert await database.forget(ANNA) == Forgotten()


async def test_forgetting_leaves_a_tombstone_for_each_query(database: Database) -> None:
    gone = [one.id for one in await fill(database, ANNA)]
    stays = [one.id for one in await fill(database, BORA)]
    await database.forget(ANNA)
    assert await database.tombstones.among("query", [*gone, *stays]) == frozenset(gone)
    assert await database.tombstones.among("photo", gone) == frozenset()


async def test_a_forgotten_message_is_neither_answered_nor_taken_for_new(database: Database) -> None:
    (entry,) = await database.inbox.receive([Arrival("telegram", "1", b"x", ANNA)])
    await database.forget(ANNA)
    assert await database.inbox.unfinished("telegram") == []
    await database.inbox.answered([entry.id])
    assert (await database.inbox.counts("telegram")).failed == 1
    assert await database.inbox.receive([Arrival("telegram", "1", b"x", ANNA)]) == []


async def test_what_others_say_of_a_forgotten_query_goes_with_it(database: Database) -> None:
    (logged,) = await fill(database, ANNA, queries=1)
    await database.feedback.say(logged.id, BORA, "right")
    await database.forget(ANNA)
    assert (await database.my_data(BORA)).feedback == ()


async def test_forgetting_nobody_forgets_nothing(database: Database) -> None:
    await database.queries.add(query(""))
    assert await database.forget("") == Forgotten()
    assert (await database.queries.statistics(NOW)).queries == 1


async def test_my_data_is_everything_and_fits_json(database: Database) -> None:
    logged = await fill(database, ANNA)
    mine = json.loads(json.dumps((await database.my_data(ANNA)).plain()))
    assert mine["preferences"] == {"language": None, "region": "kr"}
    assert [consent["state"] for consent in mine["consents"]] == ["asked", "given"]
    assert {one["id"] for one in mine["queries"]} == {one.id for one in logged}
    assert mine["queries"][0]["at"] == "2026-05-04T12:30:15+00:00"
    assert mine["queries"][0]["label"] == "paper"
    assert mine["feedback"][0]["label"] == "metal"
    assert mine["reports"][0]["text"] == "this is metal"
    assert (mine["unfinished"], mine["photos"]) == (2, 0)
    assert ANNA not in json.dumps(mine)


async def test_the_key_of_a_forgotten_resident_is_in_no_file(sqlite_url: str, tmp_path: Path) -> None:
    await upgrade(sqlite_url)
    database = await Database.open(sqlite_url, SECRET)
    try:
        ids = []
        for _ in range(150):  # enough for the trees to have been split and joined
            for key in (ANNA, BORA):
                logged = query(key)
                await database.queries.add(logged)
                await database.feedback.say(logged.id, key, "right")
                ids += [logged.id] if key == ANNA else []
        await fill(database, ANNA)
        assert ANNA.encode() in in_files(tmp_path)
        await database.forget(ANNA)
        left = in_files(tmp_path)
        assert BORA.encode() in left
        assert ANNA.encode() not in left
        assert [number for number in ids if number.encode() in left] == []
        assert SECRET.item_key("query", ids[0]).encode() in left
    finally:
        await database.close()


def in_files(folder: Path) -> bytes:
    """Every byte of the database, its write-ahead log included."""
    return b"".join(path.read_bytes() for path in folder.glob("bunri.sqlite3*"))


async def test_the_purge_deletes_what_is_older_than_it_may_be(database: Database) -> None:
    old, young = query(at=NOW - timedelta(days=181)), query(at=NOW - timedelta(days=179))
    for one in (old, young):
        await database.queries.add(one)
        await database.feedback.say(one.id, ANNA, "right")
    assert await database.purge(NOW, Retention()) == Purged(queries=1)
    assert await database.queries.get(old.id) is None
    assert await database.queries.get(young.id) == young
    assert [opinion.query_id for opinion in (await database.my_data(ANNA)).feedback] == [young.id]


async def test_a_finished_update_is_known_for_a_day_at_least(database: Database) -> None:
    done, waiting = await database.inbox.receive([Arrival("telegram", "1", b"x"), Arrival("telegram", "2", b"x")])
    await database.inbox.answered([done.id])
    now = datetime.now(UTC)
    shortest = Retention(inbox_days=1)
    assert await database.purge(now + timedelta(hours=23), shortest) == Purged()
    assert await database.inbox.receive([Arrival("telegram", "1", b"x")]) == []
    assert await database.purge(now + timedelta(hours=25), shortest) == Purged(inbox=1)
    assert [entry.id for entry in await database.inbox.unfinished("telegram")] == [waiting.id]


async def test_what_nobody_finishes_is_purged_in_the_end(database: Database) -> None:
    await database.inbox.receive([Arrival("telegram", "1", b"x")])
    assert await database.purge(datetime.now(UTC) + timedelta(days=31), Retention()) == Purged(inbox=1)


async def test_reports_are_purged_after_their_time(database: Database) -> None:
    await database.reports.add(ANNA, "telegram", None, "text")
    now = datetime.now(UTC)
    assert await database.purge(now + timedelta(days=364), Retention()) == Purged()
    assert await database.purge(now + timedelta(days=366), Retention()) == Purged(reports=1)
