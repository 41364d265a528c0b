"""Writes together: what one caller does must not be another's harm. On both databases unless it says otherwise."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import Connection, event, func, insert, select, text

from db.address import read_address
from db.database import Database
from db.errors import DatabaseRefused, DatabaseUnavailable
from db.migrate import upgrade
from db.postgres_store import PostgresStore
from db.sqlite_store import SqliteStore
from db.store import Store
from db.tables import NOTES
from db.times import utc_now
from tests.databases import SECRET, PostgresServer


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    await upgrade(database_url)
    address = read_address(database_url)
    store: Store = SqliteStore(address) if "sqlite" in database_url else PostgresStore(address)
    yield store
    await store.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[SqliteStore]:
    await upgrade(sqlite_url)
    store = SqliteStore(read_address(sqlite_url))
    yield store
    await store.close()


def adding(key: str) -> Callable[[Connection], None]:
    def add(connection: Connection) -> None:
        connection.execute(insert(NOTES), note(key))

    return add


def note(key: str) -> dict[str, object]:
    return {"key": key, "value": key, "at": utc_now()}


async def keys(store: Store) -> set[str]:
    return set(await store.read(lambda connection: connection.scalars(select(NOTES.c.key)).all()))


async def test_a_failing_write_fails_alone(store: Store) -> None:
    outcomes = await asyncio.gather(
        *(store.write(adding(str(number % 20))) for number in range(40)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 20
    assert sum(isinstance(outcome, DatabaseRefused) for outcome in outcomes) == 20
    assert await keys(store) == {str(number) for number in range(20)}


async def test_an_error_of_the_caller_is_the_callers_and_leaves_nothing(store: Store) -> None:
    def spoil(connection: Connection) -> None:
        connection.execute(insert(NOTES), note("spoiled"))
        raise ZeroDivisionError

    good, spoiled = await asyncio.gather(store.write(adding("good")), store.write(spoil), return_exceptions=True)
    assert good is None
    assert isinstance(spoiled, ZeroDivisionError)
    assert await keys(store) == {"good"}


async def test_cancelling_one_caller_leaves_the_others(store: Store) -> None:
    tasks = [asyncio.ensure_future(store.write(adding(str(number)))) for number in range(30)]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes) == 10
    assert {str(number) for number in range(30) if number % 3} <= await keys(store)


async def test_what_a_write_wrote_the_next_read_sees(store: Store) -> None:
    for number in range(20):
        await store.write(adding(str(number)))
        assert str(number) in await keys(store)


async def test_errors_hold_nothing_of_what_was_written(store: Store) -> None:
    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(insert(NOTES), {"key": "twice", "value": "a secret caption", "at": utc_now()})

    with pytest.raises(DatabaseRefused) as refused:
        await store.write(twice)
    assert "a secret caption" not in str(refused.value)


async def test_a_closed_database_says_so(sqlite_store: SqliteStore) -> None:
    await sqlite_store.close()
    await sqlite_store.close()
    with pytest.raises(DatabaseUnavailable, match="closed"):
        await keys(sqlite_store)
    with pytest.raises(DatabaseUnavailable, match="closed"):
        await sqlite_store.write(lambda connection: None)


async def test_closing_finishes_what_was_begun(sqlite_url: str) -> None:
    await upgrade(sqlite_url)
    store = SqliteStore(read_address(sqlite_url))
    begun = [asyncio.ensure_future(store.write(adding(str(number)))) for number in range(50)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*begun) == [None] * 50
    assert not any(thread.name.startswith("bunri-db") for thread in threading.enumerate())


async def test_writes_that_wait_for_the_writer_are_committed_together(sqlite_store: SqliteStore) -> None:
    """A hundred line up behind one; the first of them listens for the commit of its transaction."""
    held, begun = threading.Event(), threading.Event()
    seen: list[int] = []

    def hold(connection: Connection) -> None:
        begun.set()
        held.wait()

    def count(connection: Connection) -> None:
        if not seen:
            event.listen(connection, "commit", lambda _connection: commits.append(len(seen)))
        seen.append(len(seen))

    commits: list[int] = []
    first = asyncio.ensure_future(sqlite_store.write(hold))
    await asyncio.to_thread(begun.wait)
    others = [asyncio.ensure_future(sqlite_store.write(count)) for _ in range(100)]
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(first, *others)
    assert commits == [100]


async def test_a_durable_write_waits_for_the_disk_and_another_does_not(sqlite_store: SqliteStore) -> None:
    """https://www.sqlite.org/pragma.html#pragma_synchronous: 1 is NORMAL, 2 is FULL."""

    def level(connection: Connection) -> int | None:
        return connection.exec_driver_sql("PRAGMA synchronous").scalar()

    assert await sqlite_store.write(level, durable=True) == 2
    assert await sqlite_store.write(level) == 1


async def test_two_processes_may_share_a_file(sqlite_url: str) -> None:
    await upgrade(sqlite_url)
    one, other = await Database.open(sqlite_url, SECRET), await Database.open(sqlite_url, SECRET)
    try:
        await asyncio.gather(
            *(
                database.notes.set(f"{name}{number}", "x")
                for number in range(40)
                for name, database in (("a", one), ("b", other))
            )
        )
        assert await one.notes.get("b39") == await other.notes.get("a39") == "x"
    finally:
        await one.close()
        await other.close()


async def test_a_connection_that_the_server_closed_is_replaced(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database()
    await upgrade(url)
    store, killer = PostgresStore(read_address(url)), PostgresStore(read_address(url))
    try:
        assert await keys(store) == set()
        others = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert await killer.read(lambda connection: connection.scalar(others)) == 1
        assert await store.write(lambda connection: connection.scalar(select(func.count()).select_from(NOTES))) == 0
    finally:
        await store.close()
        await killer.close()
