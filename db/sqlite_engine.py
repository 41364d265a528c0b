"""SQLite as Bunri wants it: a write-ahead log, foreign keys, and deleted things overwritten."""

from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_MS: Final = 15_000
"""How long to wait for another process's transaction, milliseconds."""

_IMMEDIATE: Final = "bunri_immediate"


def sqlite_engine(address: URL, *, connections: int) -> Engine:
    """Transactions that only read. ``writing`` makes those that write."""
    engine = create_engine(
        address,
        hide_parameters=True,  # an exception's text must not hold what was written
        pool_size=connections,
        max_overflow=0,
        connect_args={"timeout": BUSY_MS / 1000},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def writing(engine: Engine) -> Engine:
    """The same connections; transactions take the write lock at their start, not halfway, where it could be refused."""
    return engine.execution_options(**{_IMMEDIATE: True})


def _prepare(connection: Any, _record: object) -> None:
    # Python's driver would open transactions by itself, late, and never around a CREATE TABLE
    # (SQLAlchemy, SQLite dialect, "Serializable isolation / Savepoints / Transactional DDL").
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
