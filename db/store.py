"""How the tables are reached: SQLite and PostgreSQL behind one face."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from db.errors import DatabaseError, DatabaseRefused, DatabaseUnavailable

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

T = TypeVar("T")
Work = Callable[[Connection], T]
"""Statements to run in one transaction. It may run twice, from the start, where the first try was rolled back."""


class Store(Protocol):
    """A database that runs work in transactions, off the event loop."""

    async def read(self, work: Work[T]) -> T:
        """What the work returns, from one transaction that changes nothing.

        Raises:
            DatabaseUnavailable: the database cannot be reached.

        """

    async def write(self, work: Work[T], *, durable: bool = False) -> T:
        """What the work returns, once it is committed; nothing of it where it raises.

        A committed write survives the end of the process, however it comes. One that is ``durable`` survives the
        end of the machine as well. Cancelling the caller leaves other writes alone; its own may still happen.

        Raises:
            DatabaseUnavailable: the database cannot be reached or written.
            DatabaseRefused: it would not take this.
            Exception: whatever the work raises.

        """

    async def scrub(self) -> None:
        """Let go of what was deleted but still lies in the database's own files, as far as that is in our hands."""

    async def close(self) -> None:
        """Finish what was begun and let go of every connection. A second call does nothing."""


def in_our_words(error: DBAPIError, name: str) -> DatabaseError:
    """A driver's error as one of ours, its first line only: what follows may quote the row.

    SQLite says of a broken file no more than that there was an error.
    """
    reason = str(error.orig).strip().partition("\n")[0]
    if isinstance(error, OperationalError | InterfaceError) or type(error) is SqlDatabaseError:
        return DatabaseUnavailable(f"the database {name} cannot be used: {reason}")
    return DatabaseRefused(f"the database {name} refused: {reason}")


def upsert_into(table: Table, connection: Connection) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of the database's own kind: both know ON CONFLICT, and in the same words."""
    if connection.dialect.name != "postgresql":
        return sqlite.insert(table)
    # Megabytes that a bot on SQLite has no use for.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def insert_new(table: Table, connection: Connection) -> Insert:
    """An INSERT that leaves alone what is there already."""
    return upsert_into(table, connection).on_conflict_do_nothing()
