"""Where the database is: the URL that an operator wrote, read."""

import os
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from db.errors import DatabaseUnavailable

_EXAMPLES: Final = "sqlite:///data/bunri.sqlite3 or postgresql+psycopg://user:password@host/name"


def read_address(url: str) -> URL:
    """The URL with the driver that Bunri uses: ``sqlite+pysqlite`` or ``postgresql+psycopg``.

    ``sqlite:///path`` and ``sqlite+aiosqlite:///path`` are the same file; ``postgresql://`` is psycopg too.

    Raises:
        DatabaseUnavailable: it is no URL, or of a database that Bunri does not know.

    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        # The text itself may hold a password, and is therefore not repeated.
        raise DatabaseUnavailable(f"the database URL cannot be read; write it like {_EXAMPLES}") from None
    kind = address.get_backend_name()
    if kind == "sqlite":
        if not address.database or address.database == ":memory:" or address.database.startswith("file:"):
            raise DatabaseUnavailable(f"the database URL names no file; write it like {_EXAMPLES}")
        return address.set(drivername="sqlite+pysqlite")
    if kind in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    raise DatabaseUnavailable(f"Bunri keeps its data in SQLite or PostgreSQL, not in {kind}; write {_EXAMPLES}")


def with_password(url: str, password: str) -> str:
    """The URL of a PostgreSQL database with a password that came in another way.

    Raises:
        DatabaseUnavailable: it is a file, or there is a password in it already.

    """
    address = read_address(url)
    if is_sqlite(address):
        raise DatabaseUnavailable("a password is set, and the database is a file, which has none")
    if address.password is not None:
        raise DatabaseUnavailable("the database has two passwords: leave the one out that is in its URL")
    return address.set(password=password).render_as_string(hide_password=False)


def is_sqlite(address: URL) -> bool:
    """Whether it is a file."""
    return address.get_backend_name() == "sqlite"


def shown(address: URL) -> str:
    """The address for messages and logs: without the password, and without options, which may hold one."""
    if is_sqlite(address):
        return str(address.database)
    return address.set(query={}).render_as_string(hide_password=True)


def make_file(address: URL) -> None:
    """The SQLite file, empty, where there is none: readable by its owner only, as SQLite's own would not be.

    Raises:
        DatabaseUnavailable: it cannot be made or written.

    """
    path = Path(str(address.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseUnavailable(
            f"the database file {path} cannot be written: {error.strerror}; "
            "give this user the right to write it and its folder"
        ) from error
