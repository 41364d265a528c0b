"""Both databases for the tests: a SQLite file, and a PostgreSQL server that the tests start themselves."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from db.database import Database
from db.migrate import upgrade
from db.secret import Secret

SECRET = Secret.from_text("a secret that is long enough for the tests")

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server on a Unix socket in this folder, without a password."""

    folder: Path

    def new_database(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"test{next(_NUMBERS)}"
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb in PATH, beside pg_config or in /usr/lib/postgresql")
    with _running(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bunri.sqlite3'}"
    server = request.getfixturevalue("postgres_server")
    assert isinstance(server, PostgresServer)
    return server.new_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bunri.sqlite3'}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with its tables, once of each kind."""
    await upgrade(database_url)
    database = await Database.open(database_url, SECRET)
    yield database
    await database.close()


@contextmanager
def _running(programs: Path) -> Iterator[PostgresServer]:
    """The server, for as long as it is needed. PostgreSQL refuses to run as root."""
    user = _unprivileged() if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="bunri-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            user=user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        server: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="]
        settings = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "timezone=Asia/Seoul"]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen([*server, *settings], user=user, cwd=folder, stdout=log, stderr=log) as process,
        ):
            try:
                _wait(process, folder)
                yield PostgresServer(folder)
            finally:
                process.terminate()
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until it takes connections."""
    for _ in range(300):
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")


def _programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``."""
    candidates = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if (config := shutil.which("pg_config")) is not None:
        answer = subprocess.run([config, "--bindir"], check=True, capture_output=True, text=True)
        candidates.insert(0, Path(answer.stdout.strip()))
    if (initdb := shutil.which("initdb")) is not None:
        candidates.insert(0, Path(initdb).resolve().parent)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _unprivileged() -> str:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    pytest.skip("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


async def until_finished(database: Database, platform: str = "telegram") -> None:
    """Wait until nothing of the platform's inbox is unanswered."""
    async with asyncio.timeout(20):
        while (await database.inbox.counts(platform)).received:  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.01)
