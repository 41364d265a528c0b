"""SQLite: one thread writes, and commits together what came in together.

A commit that must be on disk costs a wait for the disk, whatever is in it. While the writer waits, further writes
line up, and the next commit takes them all. Statements run on the thread itself: handing each to another thread
and back, as an asynchronous driver does, costs several times the statement.
"""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from db.address import shown
from db.errors import DatabaseUnavailable
from db.sqlite_engine import sqlite_engine, writing
from db.store import Work, in_our_words

logger = logging.getLogger(__name__)

T = TypeVar("T")

_READERS: Final = 2
_MOST_TOGETHER: Final = 256
"""Writes a commit: bounds how long the first of them waits for the last."""


@dataclass(frozen=True, slots=True)
class _Write:
    work: Work[Any]
    durable: bool
    done: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a write: a result, or an error."""

    result: object = None
    error: Exception | None = None


class SqliteStore:
    """A ``Store`` on a SQLite file. Several processes may share the file; each waits for the other's commit."""

    def __init__(self, address: URL) -> None:
        self._name = shown(address)
        self._engine = sqlite_engine(address, connections=_READERS + 1)
        self._writing = writing(self._engine)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="bunri-db-read")
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="bunri-db-write", daemon=True)
        self._is_closed = False
        self._writer.start()

    async def read(self, work: Work[T]) -> T:
        """See ``Store``."""
        self._refuse_if_closed()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def write(self, work: Work[T], *, durable: bool = False) -> T:
        """See ``Store``."""
        self._refuse_if_closed()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Write(work, durable, done, loop))
        return await done

    async def scrub(self) -> None:
        """Empty the write-ahead log, which still holds the pages as they were before.

        Another process that reads at this moment may keep part of it until the next time.
        """
        self._refuse_if_closed()
        await asyncio.get_running_loop().run_in_executor(self._readers, self._empty_log)

    async def close(self) -> None:
        """See ``Store``."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._writer.join()
        self._readers.shutdown()
        self._engine.dispose()

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise DatabaseUnavailable("the database was closed")

    def _read(self, work: Work[T]) -> T:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            raise in_our_words(error, self._name) from error

    def _empty_log(self) -> None:
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.close()
        except sqlite3.Error as error:
            logger.warning("the write-ahead log of %s could not be emptied now: %s", self._name, error)
        finally:
            connection.close()

    def _write_all(self) -> None:
        """The writer's life: take what lines up, commit it, tell the callers."""
        while (first := self._queue.get()) is not None:
            batch, is_last = self._lined_up(first)
            wanted = [write for write in batch if not write.done.cancelled()]
            for write, outcome in zip(wanted, self._committed(wanted), strict=True):
                _tell(write, outcome)
            if is_last:
                return

    def _lined_up(self, first: _Write) -> tuple[list[_Write], bool]:
        batch = [first]
        while len(batch) < _MOST_TOGETHER:
            try:
                further = self._queue.get_nowait()
            except queue.Empty:
                break
            if further is None:
                return batch, True
            batch.append(further)
        return batch, False

    def _committed(self, batch: Sequence[_Write]) -> list[_Outcome]:
        """All in one transaction; where one of them fails, each in its own, so that it fails alone."""
        if not batch:
            return []
        try:
            return self._in_one_transaction(batch)
        except Exception as error:  # whatever a caller's work raises is the caller's
            if len(batch) > 1:
                return [self._committed([write])[0] for write in batch]
            if isinstance(error, DBAPIError):
                ours = in_our_words(error, self._name)
                ours.__cause__ = error
                return [_Outcome(error=ours)]
            return [_Outcome(error=error)]

    def _in_one_transaction(self, batch: Sequence[_Write]) -> list[_Outcome]:
        durable = any(write.durable for write in batch)
        with self._writing.connect() as connection:
            # Not within a transaction, where SQLite ignores it.
            _set_synchronous(connection, "FULL" if durable else "NORMAL")
            with connection.begin():
                return [_Outcome(write.work(connection)) for write in batch]


def _set_synchronous(connection: Connection, level: str) -> None:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA synchronous = {level}")
    cursor.close()


def _tell(write: _Write, outcome: _Outcome) -> None:
    def tell() -> None:
        if write.done.cancelled():
            return
        if outcome.error is not None:
            write.done.set_exception(outcome.error)
        else:
            write.done.set_result(outcome.result)

    _on_loop(write.loop, tell)


def _on_loop(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        return  # the loop is closed: nobody waits any more
