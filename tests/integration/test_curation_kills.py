"""Exports and imports that are killed, whenever that is, and begun again: the same comes out."""

import asyncio
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from db.database import Database
from db.exporting.run import export
from db.importing.run import import_labels
from db.migrate import upgrade
from db.tables import LABELS, PHOTOS, VOTES
from tests.curation_process import REQUEST, freeze
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA
from tests.kept_photos import ALL_LABELS, bare_rows, keep_many, open_vault, surroundings

ROOT: Final = Path(__file__).parents[2]
KILLS: Final = 6


def chance() -> random.Random:
    seed = int(os.environ.get("BUNRI_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    sys.stdout.write(f"BUNRI_CRASH_SEED={seed}\n")
    return random.Random(seed)


async def lived(arguments: list[str], seconds: float | None) -> int:
    """Run the process; kill it so long after it began its work, or let it end. Its exit code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.curation_process", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        if seconds is not None:
            await asyncio.sleep(seconds)
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
    finally:
        await process.communicate()
    assert process.returncode is not None
    return process.returncode


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_an_export_that_is_killed_again_and_again_comes_out_the_same(sqlite_url: str, tmp_path: Path) -> None:
    dice = chance()
    await upgrade(sqlite_url)
    database = await Database.open(sqlite_url, SECRET)
    try:
        await keep_many(database, open_vault(database, tmp_path / "vault"), 90, (ANNA, BORA))
        one, other = tmp_path / "one", tmp_path / "other"
        freeze(one)
        shutil.copytree(one, other)
        began = time.monotonic()
        around = surroundings(database, tmp_path / "vault")
        await export(one, REQUEST, "anna", "for the test", around, lambda _done, _of: None)
        whole = time.monotonic() - began
    finally:
        await database.close()
    arguments = ["export", sqlite_url, str(tmp_path / "vault"), str(other)]
    killed = 0
    for _ in range(KILLS):
        killed += await lived(arguments, dice.uniform(0, whole / 3)) == -signal.SIGKILL
        if (other / "manifest.json").exists():
            break
    if not (other / "manifest.json").exists() or (other / ".unfinished").exists():
        assert await lived(arguments, None) == 0
    assert killed, "it was killed at work"
    expected, found = files_of(one), files_of(other)
    assert found.keys() == expected.keys()
    assert found == expected


async def _rows(database: Database) -> dict[str, list[Any]]:
    def read(connection: Connection) -> dict[str, list[Any]]:
        labels = select(LABELS.c.photo_id, LABELS.c.label, LABELS.c.votes, LABELS.c.digest).order_by(LABELS.c.id)
        votes = select(VOTES.c.photo_id, VOTES.c.annotator, VOTES.c.label).order_by(VOTES.c.id)
        reviewed = select(PHOTOS.c.id).where(PHOTOS.c.reviewed_at.is_not(None)).order_by(PHOTOS.c.id)
        return {
            name: [tuple(row) for row in connection.execute(statement)]
            for name, statement in (("labels", labels), ("votes", votes), ("reviewed", reviewed))
        }

    return await database._store.read(read)


async def test_an_import_that_is_killed_again_and_again_comes_to_the_same(tmp_path: Path) -> None:
    dice = chance()
    photos = [f"{number:032x}" for number in range(6_000)]
    file = tmp_path / "labels.csv"
    lines = [f"{photo},{ALL_LABELS[number % 12]},{who}" for number, photo in enumerate(photos) for who in (1, 2)]
    lines += ["nobody's,paper,1", f"{photos[0]},wood,3"]
    file.write_text("\n".join(["item_id,label,annotator", *lines]))

    async def opened(name: str) -> tuple[str, Database]:
        url = f"sqlite:///{tmp_path / name}"
        await upgrade(url)
        database = await Database.open(url, SECRET)

        def fill(connection: Connection) -> None:
            connection.execute(insert(PHOTOS), bare_rows(photos))

        await database._store.write(fill)
        return url, database

    _, undisturbed = await opened("one.db")
    try:
        began = time.monotonic()
        expected_report = await import_labels(file, "bora", "for the test", ALL_LABELS, undisturbed)
        whole = time.monotonic() - began
        expected = await _rows(undisturbed)
    finally:
        await undisturbed.close()
    url, database = await opened("other.db")
    try:
        killed, parts = 0, set()
        for _ in range(KILLS):
            killed += await lived(["import", url, str(tmp_path), str(file)], dice.uniform(0, whole)) == -signal.SIGKILL
            parts.add(len((await _rows(database))["labels"]))
        report = await import_labels(file, "bora", "for the test", ALL_LABELS, database)
        assert await _rows(database) == expected
    finally:
        await database.close()
    assert killed, "it was killed at work"
    assert report.plain() == expected_report.plain()
    sys.stdout.write(f"labels in the database after each kill: {sorted(parts)}\n")
