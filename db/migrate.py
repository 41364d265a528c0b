"""Making the tables, and bringing older ones up to date."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from db.address import is_sqlite, make_file, read_address, shown
from db.revision import HEAD, is_newer, revision_in, unlike_head
from db.sqlite_engine import sqlite_engine, writing
from db.store import in_our_words

_LOCK: Final = 7_246_871_352
"""Of PostgreSQL's advisory locks, ours: any number that nobody else takes in this database."""


async def upgrade(url: str) -> None:
    """Make the tables, or bring them to this version. Safe when several processes do it at once.

    Raises:
        DatabaseUnavailable: the database cannot be reached or written.
        DatabaseOutdated: a newer Bunri wrote it.

    """
    address = read_address(url)

    def upgrade_in(connection: Connection) -> None:
        revision = revision_in(connection)
        if is_newer(revision):
            raise unlike_head(revision, shown(address)) or AssertionError(revision)
        if revision != HEAD:
            from db.alembic_run import upgrade_to_head

            upgrade_to_head(connection)

    await asyncio.to_thread(_alone, address, upgrade_in)


async def downgrade(url: str, revision: str) -> None:
    """Back to an older revision, or to "base": what newer ones added is lost. For tests and for emergencies.

    Raises:
        DatabaseUnavailable: the database cannot be reached or written.
        DatabaseOutdated: there is no such revision.

    """

    def downgrade_in(connection: Connection) -> None:
        from db.alembic_run import downgrade_to

        downgrade_to(connection, revision)

    await asyncio.to_thread(_alone, read_address(url), downgrade_in)


async def current(url: str) -> str | None:
    """The revision of the tables; None where there are none.

    Raises:
        DatabaseUnavailable: the database cannot be reached.

    """
    return await asyncio.to_thread(_current, read_address(url))


def head() -> str:
    """The revision that this version of Bunri needs."""
    return HEAD


def _alone(address: URL, work: Callable[[Connection], None]) -> None:
    """In one transaction, while no other process does the same."""
    with connected(address) as connection, connection.begin():
        if not is_sqlite(address):
            # Held until the commit; on SQLite the transaction itself is the lock.
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        work(connection)


def _current(address: URL) -> str | None:
    if is_sqlite(address) and not Path(str(address.database)).exists():
        return None
    with connected(address) as connection, connection.begin():
        return revision_in(connection)


@contextmanager
def connected(address: URL) -> Iterator[Connection]:
    """A connection of its own, without a look at the tables.

    Raises:
        DatabaseUnavailable: the database cannot be reached.

    """
    engine = _engine(address)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise in_our_words(error, shown(address)) from error
    finally:
        engine.dispose()


def _engine(address: URL) -> Engine:
    if is_sqlite(address):
        make_file(address)
        return writing(sqlite_engine(address, connections=1))
    from db.postgres_engine import blocking_engine

    return blocking_engine(address)
