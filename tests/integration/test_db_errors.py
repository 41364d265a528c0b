"""What an operator reads when the database cannot be used: one sentence, what to do, no password."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from db.database import Database
from db.errors import DatabaseError, DatabaseRefused, DatabaseUnavailable
from db.migrate import current, upgrade
from tests.databases import SECRET, PostgresServer


async def refusals(url: str) -> list[str]:
    """What upgrading, looking and opening say."""
    said = []
    for attempt in (upgrade(url), current(url), Database.open(url, SECRET)):
        with pytest.raises(DatabaseUnavailable) as refused:
            await attempt
        said.append(str(refused.value))
    return said


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    for said in await refusals(f"postgresql+psycopg://bunri:hunter2@/bunri?host={tmp_path}"):
        assert "cannot be used" in said
        assert "hunter2" not in said
        assert "\n" not in said


async def test_a_database_that_is_not_there(postgres_server: PostgresServer) -> None:
    for said in await refusals(f"postgresql+psycopg://postgres:hunter2@/nowhere?host={postgres_server.folder}"):
        assert 'database "nowhere" does not exist' in said
        assert "hunter2" not in said


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8" * 4000)
    for said in await refusals(f"sqlite:///{tmp_path / 'photo.jpg'}"):
        assert "file is not a database" in said


async def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    for said in await refusals(f"sqlite:///{tmp_path}"):
        assert "cannot be written: Is a directory" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(DatabaseUnavailable, match="give this user the right"):
        asyncio.run(upgrade(f"sqlite:///{tmp_path / 'new' / 'bunri.sqlite3'}"))


def test_a_file_that_does_not_exist_is_not_made_by_looking(tmp_path: Path) -> None:
    assert asyncio.run(current(f"sqlite:///{tmp_path / 'none.sqlite3'}")) is None
    assert list(tmp_path.iterdir()) == []


async def test_a_full_disk_is_said_and_the_next_write_works(sqlite_url: str) -> None:
    await upgrade(sqlite_url)
    database = await Database.open(sqlite_url, SECRET)
    try:
        await database._store.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 40").all())
        with pytest.raises(DatabaseUnavailable, match="full"):
            await database.reports.add("key", "telegram", None, "x" * 400_000)
        await database._store.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 9999").all())
        await database.notes.set("after", "the flood")
        assert await database.notes.get("after") == "the flood"
    finally:
        await database.close()


async def test_without_the_driver_it_says_what_to_install() -> None:
    code = """
import asyncio, sys
sys.modules["psycopg"] = None
from db import Database, DatabaseUnavailable, Secret
from db.migrate import upgrade
url = "postgresql://bunri:hunter2@localhost/bunri"
for attempt in (upgrade(url), Database.open(url, Secret(b"x" * 40))):
    try:
        asyncio.run(attempt)
    except DatabaseUnavailable as error:
        print(error)
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaints = await process.communicate()
    assert complaints == b""
    assert said.decode().splitlines() == ["PostgreSQL needs its driver: install Bunri as bunri[postgres]"] * 2


async def test_a_value_that_does_not_fit_is_refused_as_one_of_our_errors(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database()
    await upgrade(url)
    database = await Database.open(url, SECRET)
    try:
        with pytest.raises(DatabaseError, match="too long") as refused:
            await database.notes.set("key" * 30, "value")
        assert isinstance(refused.value, DatabaseRefused)
    finally:
        await database.close()
