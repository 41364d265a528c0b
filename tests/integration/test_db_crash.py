"""What is received is on disk: a process that dies at once afterwards loses nothing."""

import asyncio
import signal
import sys
from pathlib import Path

from db.database import Database
from db.inbox import Arrival
from db.migrate import upgrade
from tests.databases import SECRET
from tests.db_rows import ANNA, query

RECEIVE_AND_DIE = """
import asyncio, os, sys
from db.database import Database
from db.inbox import Arrival
from tests.databases import SECRET

async def main() -> None:
    database = await Database.open(sys.argv[1], SECRET)
    numbers = iter(range(10**9))

    async def receive() -> None:
        for number in numbers:
            await database.inbox.receive([Arrival("telegram", str(number), b"payload %d" % number)])
            os.write(1, b"%d\\n" % number)
            if sys.argv[2] == "exit" and number >= 40:
                os._exit(7)

    await asyncio.gather(*(receive() for _ in range(8)))

asyncio.run(main())
"""


async def run_until_death(url: str, how: str) -> tuple[set[int], int | None]:
    """What the process said it had received, and its exit code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RECEIVE_AND_DIE, url, how, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    lines: list[bytes] = []
    async for line in process.stdout:
        lines.append(line)
        if how == "kill" and len(lines) == 100:
            process.kill()
    return {int(line) for line in lines if line.endswith(b"\n")}, await process.wait()


def database_files(folder: Path) -> list[Path]:
    """The database and its write-ahead log."""
    return list(folder.glob("bunri.sqlite3*"))


async def check_nothing_lost(url: str, said: set[int]) -> None:
    database = await Database.open(url, SECRET)
    try:
        entries = await database.inbox.unfinished("telegram")
        assert said <= {int(entry.update_id) for entry in entries}
        assert all(entry.payload == b"payload " + entry.update_id.encode() for entry in entries)
    finally:
        await database.close()


async def test_what_was_received_before_an_exit_is_there(database_url: str) -> None:
    await upgrade(database_url)
    said, code = await run_until_death(database_url, "exit")
    assert code == 7
    assert len(said) >= 30
    await check_nothing_lost(database_url, said)


async def test_what_was_received_before_a_kill_is_there(database_url: str) -> None:
    await upgrade(database_url)
    said, code = await run_until_death(database_url, "kill")
    assert code == -signal.SIGKILL
    assert len(said) >= 100
    await check_nothing_lost(database_url, said)


async def test_the_files_hold_neither_payload_nor_user_nor_report(sqlite_url: str, tmp_path: Path) -> None:
    await upgrade(sqlite_url)
    database = await Database.open(sqlite_url, SECRET)
    try:
        key = SECRET.user_key("telegram", "7700112233")
        payload = b'{"chat": 7700112233, "file_id": "AgACAgIAAxkB", "from": "7700112233"}'
        (entry, *_) = await database.inbox.receive(
            [Arrival("telegram", str(number), payload, key) for number in range(50)]
        )
        await database.queries.add(query(key))
        await database.reports.add(key, "telegram", None, "my name is Anna Example")
        await database.inbox.answered([entry.id])
        files = {path.name: path.read_bytes() for path in database_files(tmp_path)}
        assert set(files) >= {"bunri.sqlite3", "bunri.sqlite3-wal"}
        everything = b"".join(files.values())
        assert key.encode() in everything
        for plain in (b"7700112233", b"AgACAgIAAxkB", b"file_id", b"Anna Example"):
            assert plain not in everything
    finally:
        await database.close()


async def test_the_payload_is_erased_with_the_answer(sqlite_url: str, tmp_path: Path) -> None:
    await upgrade(sqlite_url)
    database = await Database.open(sqlite_url, SECRET)
    try:
        entries = await database.inbox.receive(
            [Arrival("telegram", str(number), b"x" * 9000, ANNA) for number in range(20)]
        )
        await database.inbox.answered([entry.id for entry in entries[:10]])
        await database.inbox.failed([entry.id for entry in entries[10:]], "gone")
        await database._store.scrub()
        left = (tmp_path / "bunri.sqlite3").read_bytes()
        assert ANNA.encode() not in left
        assert sum(byte != 0 for byte in left) < 20_000  # of 180 000 that were sealed
    finally:
        await database.close()


async def test_the_file_is_its_owners_only(sqlite_url: str, tmp_path: Path) -> None:
    await upgrade(sqlite_url)
    database = await Database.open(sqlite_url, SECRET)
    try:
        await database.notes.set("a", "b")
        modes = {path.name: path.stat().st_mode & 0o777 for path in database_files(tmp_path)}
        assert set(modes.values()) == {0o600}
    finally:
        await database.close()
