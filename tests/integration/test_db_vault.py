"""The folder of sealed photos, with both databases."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.database import Database
from db.errors import DatabaseUnavailable, Unsealable
from db.vault import FolderVault
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA

PIXELS = b"pixels of a photo " * 100


@dataclass(frozen=True)
class Kept:
    user_key: str = ANNA
    data: bytes = PIXELS
    query_id: str = "K7QF2M3X"
    platform: str = "telegram"
    licence: str = "consent 1"


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(database: Database, folder: Path) -> FolderVault:
    return FolderVault(folder, SECRET, database)


async def test_a_kept_photo_is_read_again_and_is_sealed_on_disk(
    vault: FolderVault, folder: Path, database: Database
) -> None:
    await vault.store(Kept())
    (file,) = files_in(folder)
    assert b"pixels" not in file.read_bytes()
    assert ANNA not in file.name
    assert "K7QF2M3X" not in file.name
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    (number,) = await database.vault_index.of(ANNA)
    assert await vault.read(number) == PIXELS


async def test_each_resident_has_their_own_count(vault: FolderVault, database: Database) -> None:
    await asyncio.gather(vault.store(Kept()), vault.store(Kept()), vault.store(Kept(BORA)))
    assert await vault.count_of(ANNA) == 2
    assert await vault.count_of(BORA) == 1
    assert (await database.my_data(ANNA)).photos == 2


async def test_deleting_deletes_files_and_rows_and_leaves_tombstones(
    vault: FolderVault, folder: Path, database: Database
) -> None:
    for user_key in (ANNA, ANNA, BORA):
        await vault.store(Kept(user_key))
    numbers = await database.vault_index.of(ANNA)
    assert await vault.delete_of(ANNA) == 2
    assert [path.stem for path in files_in(folder)] == await database.vault_index.of(BORA)
    assert await vault.count_of(ANNA) == 0
    assert await database.tombstones.among("photo", numbers) == frozenset(numbers)
    assert await vault.delete_of(ANNA) == 0


async def test_photos_exchanged_on_disk_are_refused(vault: FolderVault, folder: Path, database: Database) -> None:
    await vault.store(Kept())
    await vault.store(Kept(BORA))
    (mine,), (theirs,) = await database.vault_index.of(ANNA), await database.vault_index.of(BORA)
    (folder / f"{theirs}.sealed").rename(folder / f"{mine}.sealed")
    with pytest.raises(Unsealable):
        await vault.read(mine)


async def test_a_folder_that_cannot_be_written_keeps_nothing(database: Database, tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("a file in its place")
    vault = FolderVault(tmp_path / "vault", SECRET, database)
    with pytest.raises(DatabaseUnavailable, match="photos"):
        await vault.store(Kept())
    assert await vault.count_of(ANNA) == 0


async def test_a_photo_that_was_announced_and_never_written_is_deleted_too(
    vault: FolderVault, database: Database
) -> None:
    await database.vault_index.begin(query_id="K7QF2M3X", user_key=ANNA, platform="telegram", licence="consent 1")
    assert await vault.count_of(ANNA) == 0
    assert await vault.delete_of(ANNA) == 0
    assert await database.vault_index.of(ANNA) == []


async def test_a_photo_stored_while_its_resident_is_forgotten_does_not_stay(database: Database, folder: Path) -> None:
    vault, other = FolderVault(folder, SECRET, database), FolderVault(folder, SECRET, database)
    storing = [asyncio.ensure_future(vault.store(Kept())) for _ in range(30)]
    for _ in range(5):
        await other.delete_of(ANNA)
    await asyncio.gather(*storing)
    kept = {path.stem for path in files_in(folder)}
    assert kept == set(await database.vault_index.of(ANNA))
    await other.delete_of(ANNA)
    assert files_in(folder) == []


async def test_photos_that_nobody_reviewed_are_purged_in_time(vault: FolderVault, folder: Path) -> None:
    await vault.store(Kept())
    now = datetime.now(UTC)
    assert await vault.purge(now + timedelta(days=89), 90) == 0
    assert await vault.purge(now + timedelta(days=91), 90) == 1
    assert files_in(folder) == []
