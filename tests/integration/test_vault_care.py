"""Exchanging keys, checking, sweeping, and photos that older versions kept; with both databases and both places."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.address import read_address
from db.blob_folder import FolderBlobs
from db.blob_s3 import S3Blobs
from db.blobs import BlobStore
from db.database import Database
from db.errors import DatabaseRefused, KeyMissing, KeysUnusable
from db.migrate import downgrade, upgrade
from db.vault import PhotoVault
from db.vault_envelope import Envelope
from db.vault_key_file import KeyFile
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA
from tests.s3_server import S3Server
from tests.vaults import Kept, agree, another, care_of, new_ring


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "vault")
    server = request.getfixturevalue("s3_server")
    assert isinstance(server, S3Server)
    return S3Blobs(server.new_bucket())


@pytest.fixture(autouse=True)
async def both_agree(database: Database) -> None:
    await agree(database, ANNA, BORA)


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    file = KeyFile(tmp_path / "keys")
    file.add("first")
    return file


def without(keys: KeyFile, key_id: str) -> None:
    """Take a key away, as an operator would."""
    path = Path(keys.place)
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith(f"{key_id}:")))


async def test_rotation_brings_all_to_the_newest_key_and_the_old_one_can_go(
    database: Database, blobs: BlobStore, keys: KeyFile
) -> None:
    vault, care = PhotoVault(blobs, keys, database), care_of(blobs, keys, database)
    photos = [another(), another(BORA), another()]
    for photo in photos:
        await vault.store(photo)
    rows = [*await database.vault_index.of(ANNA), *await database.vault_index.of(BORA)]
    before = {row.blob: Envelope.read(blobs.get(row.blob)) for row in rows}
    keys.add("second")
    done = await care.rotate()
    assert (done.newest, done.rewrapped, done.resealed, done.faults) == ("second", 3, 0, ())
    assert await database.vault_index.count_by_key() == {"second": 3}
    for name, envelope in before.items():
        after = Envelope.read(blobs.get(name))
        assert after.key.key_id == "second"
        assert after.sealed == envelope.sealed, "no byte of the photo was touched"
    without(keys, "first")
    assert (await care.verify()).photos == 3
    for row in rows:
        assert await vault.read(row.id) == photos[0].data
    assert (await care.rotate()).rewrapped == 0
    await vault.store(another())
    assert await database.vault_index.count_by_key() == {"second": 4}


async def test_a_rotation_that_is_stopped_goes_on_where_it_was(
    database: Database, blobs: BlobStore, keys: KeyFile
) -> None:
    vault, care = PhotoVault(blobs, keys, database), care_of(blobs, keys, database)
    for _ in range(6):
        await vault.store(another())
    keys.add("second")
    steps = iter(range(3))
    with pytest.raises((RuntimeError, StopIteration)):
        await care.rotate(lambda: next(steps))
    counts = await database.vault_index.count_by_key()
    assert counts == {"first": 2, "second": 4}
    # Stopped between the blob and its row, too.
    row = next(row for row in await database.vault_index.of(ANNA) if row.key_id == "first")
    blobs.put(row.blob, Envelope.read(blobs.get(row.blob)).rewrapped(row.blob, keys).plain())
    assert (await care.rotate()).rewrapped == 2
    assert await database.vault_index.count_by_key() == {"second": 6}
    without(keys, "first")
    found = await care.verify()
    assert (found.photos, found.faults) == (6, ())


async def test_a_rotation_leaves_what_it_cannot_open_and_says_which(
    database: Database, blobs: BlobStore, keys: KeyFile
) -> None:
    vault, care = PhotoVault(blobs, keys, database), care_of(blobs, keys, database)
    await vault.store(another())
    (lost,) = await database.vault_index.of(ANNA)
    keys.add("second")
    without(keys, "first")
    await vault.store(another(BORA))
    before = blobs.get(lost.blob)
    done = await care.rotate()
    assert [(fault.photo, "first" in fault.reason) for fault in done.faults] == [(lost.id, True)]
    assert blobs.get(lost.blob) == before
    with pytest.raises(KeyMissing):
        await vault.read(lost.id)


async def test_a_photo_that_is_forgotten_while_its_key_is_exchanged_does_not_come_back(
    database: Database, blobs: BlobStore, keys: KeyFile
) -> None:
    vault = PhotoVault(blobs, keys, database)
    await vault.store(another())
    keys.add("second")
    (row,) = await database.vault_index.of(ANNA)
    sealed = blobs.get(row.blob)
    care = care_of(blobs, keys, database)

    class Late(type(care._index)):  # type: ignore[misc]
        """The row goes after the blob was written anew."""

        async def rewrapped(self, number: str, key_id: str) -> bool:
            await vault.delete_of(ANNA)
            blobs.put(row.blob, sealed)
            return bool(await super().rewrapped(number, key_id))

    care._index = Late(care._index._store, SECRET)
    await care.rotate()
    assert list(blobs.listed()) == []
    assert await vault.count_of(ANNA) == 0


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda blobs, name: blobs.delete([name]), "there is no"),
        (lambda blobs, name: blobs.put(name, b""), "not sealed by Bunri"),
        (lambda blobs, name: blobs.put(name, blobs.get(name)[:-1]), "altered"),
        (lambda blobs, name: blobs.put(name, blobs.get(name)[:20]), "altered|does not open"),
        (lambda blobs, name: blobs.put(name, blobs.get(name)[:-1] + b"\0\0"), "altered"),
    ],
    ids=["missing", "empty", "cut", "cut short", "altered"],
)
async def test_verifying_finds_every_photo_that_cannot_be_had(
    harm: Callable[[BlobStore, str], None], reason: str, database: Database, blobs: BlobStore, keys: KeyFile
) -> None:
    vault, care = PhotoVault(blobs, keys, database), care_of(blobs, keys, database)
    await vault.store(another())
    await vault.store(another(BORA))
    assert (await care.verify()).faults == ()
    (row,) = await database.vault_index.of(ANNA)
    harm(blobs, row.blob)
    found = await care.verify()
    assert found.photos == 1
    assert [fault.photo for fault in found.faults] == [row.id]
    assert re.search(reason, found.faults[0].reason)
    assert "\n" not in found.faults[0].reason
    assert await vault.count_of(ANNA) == 1, "nothing is deleted by looking"


async def test_what_dead_processes_left_is_swept_and_nothing_else(
    database: Database, tmp_path: Path, keys: KeyFile
) -> None:
    folder = tmp_path / "vault"
    blobs = FolderBlobs(folder)
    vault, care = PhotoVault(blobs, keys, database), care_of(blobs, keys, database)
    await vault.store(another())
    (tmp_path / "full").touch()
    for number in range(2):  # announced, and their writers died
        with pytest.raises(Exception, match="photos cannot be kept"):
            await PhotoVault(FolderBlobs(tmp_path / "full"), keys, database).store(another(BORA))
        assert len(await database.vault_index.of(BORA)) == number + 1
    for name in ("stray.sealed", "young.sealed", "dead.draft", "living.draft"):
        (folder / name).write_bytes(b"left")
    (kept,) = await database.vault_index.of(ANNA)
    for name in ("stray.sealed", "dead.draft", f"{kept.blob}.sealed"):
        os.utime(folder / name, (1, 1))
    assert (await care.verify()).strays == 1
    now = datetime.now(UTC)
    swept = await care.sweep(now)
    assert (swept.rows, swept.blobs, swept.drafts) == (0, 1, 1)
    assert {file.name for file in folder.iterdir()} == {f"{kept.blob}.sealed", "young.sealed", "living.draft"}
    swept = await care.sweep(now + timedelta(hours=2))
    assert (swept.rows, swept.blobs, swept.drafts) == (2, 1, 1)
    assert [file.name for file in folder.iterdir()] == [f"{kept.blob}.sealed"]
    assert await vault.read(kept.id) == Kept().data
    assert await database.vault_index.of(BORA) == []


async def test_photos_of_the_first_versions_stay_readable_and_get_a_key(
    database_url: str, tmp_path: Path, keys: KeyFile
) -> None:
    """As revision 0003 and its vault kept them: named by their id, sealed with the secret alone."""
    await upgrade(database_url)
    await downgrade(database_url, "0003")
    folder = tmp_path / "vault"
    folder.mkdir()
    photo, number = b"an older photo", "0123456789abcdef0123456789abcdef"
    (folder / f"{number}.sealed").write_bytes(SECRET.seal(photo, f"photo:{number}".encode()))
    engine = create_engine(read_address(database_url))
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO photos (id, at, query_id, user_key, platform, licence, size) "
                "VALUES (:id, '2026-05-04 12:00:00', 'K7QF2M3X', :user, 'telegram', 'telegram-1', 14)"
            ),
            {"id": number, "user": ANNA},
        )
    await upgrade(database_url)
    with engine.connect() as connection:
        told = connection.execute(text("SELECT blob, licence, consent_version, key_id FROM photos")).one()
    engine.dispose()
    assert tuple(told) == (number, "telegram-opted-in", "1", None)
    database = await Database.open(database_url, SECRET)
    try:
        blobs = FolderBlobs(folder)
        vault, care = PhotoVault(blobs, keys, database), care_of(blobs, keys, database)
        assert await vault.read(number) == photo
        assert (await care.verify()).photos == 1
        done = await care.rotate()
        assert (done.rewrapped, done.resealed, done.faults) == (0, 1, ())
        assert Envelope.read(blobs.get(number)).key.key_id == "first"
        assert await vault.read(number) == photo
        assert (await care.rotate()).resealed == 0
        assert await vault.delete_of(ANNA) == 1
        assert list(blobs.listed()) == []
    finally:
        await database.close()


async def test_without_keys_nothing_is_announced(database: Database, tmp_path: Path) -> None:
    vault = PhotoVault(FolderBlobs(tmp_path / "vault"), KeyFile(tmp_path / "nowhere"), database)
    with pytest.raises(KeysUnusable, match="not there"):
        await vault.store(another())
    assert await database.vault_index.of(ANNA) == []
    assert not (tmp_path / "vault").exists()


async def test_a_ring_that_was_exchanged_is_told_from_an_altered_photo(database: Database, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "vault")
    await PhotoVault(blobs, new_ring("first"), database).store(another())
    found = await care_of(blobs, new_ring("first"), database).verify()
    assert "it is not the key that had this name" in found.faults[0].reason


async def test_with_another_database_nothing_of_the_storage_is_swept(
    database: Database, tmp_path: Path, keys: KeyFile
) -> None:
    folder = tmp_path / "vault"
    blobs = FolderBlobs(folder)
    care = care_of(blobs, keys, database)
    await PhotoVault(blobs, keys, database).store(another())
    later = datetime.now(UTC) + timedelta(hours=2)
    for number in range(21):
        blobs.put(f"of-another-{number}", b"sealed")
    with pytest.raises(DatabaseRefused, match=r"21 files in .* belong to no photo of this database, which has 1"):
        await care.sweep(later)
    assert len(list(blobs.listed())) == 22
    assert (await care.sweep(later, even_most=True)).blobs == 21
    assert (await care.verify()).photos == 1
