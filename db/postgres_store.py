"""PostgreSQL through psycopg. Every write is its own transaction: the server commits concurrent ones together."""

from typing import TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.address import shown
from db.errors import DatabaseUnavailable
from db.postgres_engine import async_engine
from db.store import Work, in_our_words

T = TypeVar("T")


class PostgresStore:
    """A ``Store`` on a PostgreSQL server. Every commit is durable, as the server is set up by default."""

    def __init__(self, address: URL) -> None:
        """Make the engine; connections are made when they are needed.

        Raises:
            DatabaseUnavailable: the driver is not installed.

        """
        self._name = shown(address)
        self._engine = async_engine(address)
        self._is_closed = False

    async def read(self, work: Work[T]) -> T:
        """See ``Store``."""
        return await self._run(work)

    async def write(self, work: Work[T], *, durable: bool = False) -> T:
        """See ``Store``."""
        return await self._run(work)

    async def scrub(self) -> None:
        """See ``Store``. The server's own vacuum does this, in its own time."""

    async def close(self) -> None:
        """See ``Store``."""
        # A disposed engine would connect again.
        self._is_closed = True
        await self._engine.dispose()

    async def _run(self, work: Work[T]) -> T:
        if self._is_closed:
            raise DatabaseUnavailable("the database was closed")
        try:
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)
        except DBAPIError as error:
            raise in_our_words(error, self._name) from error
        except PoolTimeout as error:
            raise DatabaseUnavailable(f"the database {self._name} is too slow: every connection is in use") from error
