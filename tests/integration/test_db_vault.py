"""Keeping, reading and deleting photos, with both databases and both places."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.audit import Deed
from db.blob_folder import FolderBlobs
from db.blob_s3 import S3Blobs
from db.blobs import BlobStore
from db.database import Database
from db.errors import DatabaseRefused, DatabaseUnavailable, PhotoMissing, StorageUnavailable, Unsealable
from db.importing.settle import Settled, Word
from db.labels import Import, OutcomeKind
from db.licences import Licence
from db.vault import PhotoVault
from db.vault_index import PhotoRow
from tests.db_rows import ANNA, BORA
from tests.s3_server import S3Server
from tests.vaults import Kept, agree, another, folder_vault, new_ring


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
def vault(database: Database, blobs: BlobStore) -> PhotoVault:
    return PhotoVault(blobs, new_ring(), database)


def names_in(blobs: BlobStore) -> set[str]:
    return {each.name for each in blobs.listed()}


async def names_of(database: Database, user_key: str) -> set[str]:
    return {row.blob for row in await database.vault_index.of(user_key)}


async def test_a_kept_photo_is_read_again_and_is_sealed(
    vault: PhotoVault, blobs: BlobStore, database: Database
) -> None:
    photo = another()
    await vault.store(photo)
    (row,) = await database.vault_index.of(ANNA)
    assert names_in(blobs) == {row.blob}
    assert photo.data[:20] not in blobs.get(row.blob)
    for told in (ANNA, "K7QF2M3X", photo.pixels):
        assert told not in row.blob
    assert await vault.read(row.id) == photo.data
    assert (row.size, row.key_id) == (len(photo.data), "first")


async def test_each_resident_has_their_own_count(vault: PhotoVault, database: Database) -> None:
    await asyncio.gather(vault.store(another()), vault.store(another()), vault.store(another(BORA)))
    assert await vault.count_of(ANNA) == 2
    assert await vault.count_of(BORA) == 1
    assert (await database.my_data(ANNA)).photos == 2


async def test_the_same_picture_of_one_person_is_kept_once(
    vault: PhotoVault, blobs: BlobStore, database: Database
) -> None:
    photo = another()
    await asyncio.gather(*(vault.store(photo) for _ in range(4)))
    (row,) = await database.vault_index.of(ANNA)
    before = blobs.get(row.blob)
    await vault.store(replace(photo, query_id="ABCDEFGH"))
    assert await database.vault_index.of(ANNA) == [row]
    assert blobs.get(row.blob) == before
    assert await vault.read(row.id) == photo.data


async def test_the_same_picture_of_two_persons_is_two_consents(
    vault: PhotoVault, blobs: BlobStore, database: Database
) -> None:
    mine = another()
    await vault.store(mine)
    await vault.store(replace(mine, user_key=BORA))
    assert len(names_in(blobs)) == 2
    assert await vault.delete_of(ANNA) == 1
    (theirs,) = await database.vault_index.of(BORA)
    assert names_in(blobs) == {theirs.blob}
    assert await vault.read(theirs.id) == mine.data


async def test_deleting_deletes_blobs_and_rows_and_leaves_tombstones(
    vault: PhotoVault, blobs: BlobStore, database: Database
) -> None:
    for user_key in (ANNA, ANNA, BORA):
        await vault.store(another(user_key))
    numbers = [row.id for row in await database.vault_index.of(ANNA)]
    assert await vault.delete_of(ANNA) == 2
    assert names_in(blobs) == await names_of(database, BORA)
    assert await vault.count_of(ANNA) == 0
    assert await database.tombstones.among("photo", numbers) == frozenset(numbers)
    for number in numbers:
        with pytest.raises(PhotoMissing):
            await vault.read(number)
    assert await vault.delete_of(ANNA) == 0


async def test_a_deleted_picture_may_be_given_again(vault: PhotoVault, database: Database) -> None:
    photo = another()
    await vault.store(photo)
    await vault.delete_of(ANNA)
    await vault.store(photo)
    (row,) = await database.vault_index.of(ANNA)
    assert await vault.read(row.id) == photo.data


async def test_blobs_that_are_exchanged_are_refused(vault: PhotoVault, blobs: BlobStore, database: Database) -> None:
    await vault.store(another())
    await vault.store(another(BORA))
    (mine,), (theirs,) = await database.vault_index.of(ANNA), await database.vault_index.of(BORA)
    blobs.put(mine.blob, blobs.get(theirs.blob))
    with pytest.raises(Unsealable):
        await vault.read(mine.id)


@pytest.mark.parametrize("licence", [each for each in Licence if not each.keeps])
async def test_what_is_never_to_be_kept_is_refused(
    licence: Licence, vault: PhotoVault, blobs: BlobStore, database: Database
) -> None:
    with pytest.raises(DatabaseRefused, match="never"):
        await vault.store(replace(another(), licence=licence))
    assert await database.vault_index.of(ANNA) == []
    assert names_in(blobs) == set()


async def test_a_photo_that_was_announced_and_never_written_is_none_and_is_deleted_too(
    vault: PhotoVault, blobs: BlobStore, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text("a file in a folder's place")
    broken = PhotoVault(FolderBlobs(tmp_path / "elsewhere"), new_ring(), database)
    photo = another()
    with pytest.raises(StorageUnavailable, match="photos cannot be kept"):
        await broken.store(photo)
    (row,) = await database.vault_index.of(ANNA)
    assert row.size is None
    assert await vault.count_of(ANNA) == 0
    with pytest.raises(PhotoMissing):
        await vault.read(row.id)
    await vault.store(photo)
    assert [(each.id, each.size) for each in await database.vault_index.of(ANNA)] == [(row.id, len(photo.data))]
    assert await vault.read(row.id) == photo.data
    assert await vault.delete_of(ANNA) == 1
    assert names_in(blobs) == set()


async def test_a_photo_stored_while_its_resident_is_forgotten_does_not_stay(database: Database, tmp_path: Path) -> None:
    folder, keys = tmp_path / "vault", new_ring()
    vault, other = (folder_vault(folder, database, keys) for _ in range(2))
    storing = [asyncio.ensure_future(vault.store(another())) for _ in range(30)]
    for _ in range(5):
        await other.delete_of(ANNA)
    results = await asyncio.gather(*storing, return_exceptions=True)
    assert all(result is None or isinstance(result, StorageUnavailable) for result in results)
    kept = {path.stem for path in folder.iterdir()}
    assert kept == {row.blob for row in await database.vault_index.of(ANNA) if row.size is not None}
    await other.delete_of(ANNA)
    assert list(folder.iterdir()) == []


async def test_photos_that_nobody_reviewed_are_purged_in_time(vault: PhotoVault, blobs: BlobStore) -> None:
    await vault.store(another())
    now = datetime.now(UTC)
    assert await vault.purge(now + timedelta(days=89), 90) == 0
    assert await vault.purge(now + timedelta(days=91), 90) == 1
    assert names_in(blobs) == set()


async def test_without_consent_nothing_is_kept_and_nothing_is_left(
    vault: PhotoVault, blobs: BlobStore, database: Database
) -> None:
    await vault.store(another("somebody who was never asked"))
    await vault.store(replace(another(), consent_version="2"))
    await database.consents.record(BORA, "telegram", "1", given=False)
    await vault.store(another(BORA))
    for user_key in ("somebody who was never asked", ANNA, BORA):
        assert await database.vault_index.of(user_key) == []
    assert names_in(blobs) == set()


class _Meanwhile(FolderBlobs):
    """A folder beside which something happens while a blob is written."""

    happens: Callable[[], object] = staticmethod(lambda: None)

    def put(self, name: str, blob: bytes) -> None:
        super().put(name, blob)
        self.happens()


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_consent_that_is_taken_back_while_a_photo_is_written_is_stronger(
    is_forgotten: bool, database: Database, tmp_path: Path
) -> None:
    blobs, loop = _Meanwhile(tmp_path / "vault"), asyncio.get_running_loop()
    vault = PhotoVault(blobs, new_ring(), database)

    def takes_it_back() -> None:
        said = database.forget(ANNA) if is_forgotten else database.consents.record(ANNA, "telegram", "1", given=False)
        asyncio.run_coroutine_threadsafe(said, loop).result(60)

    blobs.happens = takes_it_back
    await vault.store(another())
    await vault.store(another(BORA))
    assert await database.vault_index.of(ANNA) == []
    assert names_in(blobs) == await names_of(database, BORA)


async def test_a_photo_that_is_reviewed_while_the_purge_is_on_its_way_stays(
    vault: PhotoVault, blobs: BlobStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await vault.store(another())
    labelled, *_ = await database.vault_index.of(ANNA)
    look_up = database.vault_index.unreviewed_before

    async def then_a_label_comes(moment: datetime) -> list[PhotoRow]:
        found = await look_up(moment)
        await database.labels.add("import", [settled(labelled.id)], await begun(database))
        return found

    monkeypatch.setattr(database.vault_index, "unreviewed_before", then_a_label_comes)
    assert await vault.purge(datetime.now(UTC) + timedelta(days=91), 90) == 2
    assert await database.vault_index.of(ANNA) == [labelled]
    assert await vault.read(labelled.id)
    assert names_in(blobs) == {labelled.blob}


async def test_a_picture_that_is_sent_again_while_it_is_purged_leaves_nothing_without_a_row(
    vault: PhotoVault, blobs: BlobStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vault.store(photo := another())
    delete = database.vault_index.delete

    async def after_it_came_again(numbers: Sequence[str], *, with_tombstones: bool) -> int:
        await vault.store(photo)
        return await delete(numbers, with_tombstones=with_tombstones)

    monkeypatch.setattr(database.vault_index, "delete", after_it_came_again)
    await vault.purge(datetime.now(UTC) + timedelta(days=91), 90)
    assert names_in(blobs) == await names_of(database, ANNA)


async def test_a_label_for_a_photo_that_is_being_purged_is_refused(vault: PhotoVault, database: Database) -> None:
    await vault.store(another())
    (row,) = await database.vault_index.of(ANNA)
    assert await database.vault_index.claim_unreviewed([row.id]) == {row.id}
    (outcome,) = await database.labels.add("import", [settled(row.id)], await begun(database))
    assert outcome.kind is OutcomeKind.UNKNOWN
    await database.vault_index.give_back([row])
    (outcome,) = await database.labels.add("import", [settled(row.id)], await begun(database))
    assert outcome.kind is OutcomeKind.ACCEPTED
    assert await database.vault_index.claim_unreviewed([row.id]) == frozenset()


def settled(item_id: str) -> Settled:
    return Settled(item_id, (Word("", "metal", None),), "metal")


async def begun(database: Database) -> Import:
    return await database.labels.begin("import", "csv", Deed("bora", "import", "for the test", {}))


class _Undeletable(FolderBlobs):
    """A folder in which nothing is deleted, and that says so only when it is looked at."""

    def delete(self, names: object) -> None:
        raise StorageUnavailable("photos were deleted and are still there: 1")


async def test_a_photo_whose_deletion_is_not_certain_keeps_its_row(database: Database, tmp_path: Path) -> None:
    keys = new_ring()
    vault = PhotoVault(_Undeletable(tmp_path), keys, database)
    await vault.store(another())
    with pytest.raises(DatabaseUnavailable, match="still there"):
        await vault.delete_of(ANNA)
    with pytest.raises(DatabaseUnavailable, match="still there"):
        await vault.purge(datetime.now(UTC) + timedelta(days=91), 90)
    assert await vault.count_of(ANNA) == 1
    (row,) = await database.vault_index.of(ANNA)
    assert await database.tombstones.among("photo", [row.id]) == frozenset()
    assert await folder_vault(tmp_path, database, keys).delete_of(ANNA) == 1
    assert list(FolderBlobs(tmp_path).listed()) == []


async def test_the_terms_of_each_photo_are_in_its_row(vault: PhotoVault, database: Database) -> None:
    permitted = Kept(
        ANNA, platform="discord", licence=Licence.DISCORD_PERMITTED, consent_version="2", permission="p" * 600
    )
    await agree(database, ANNA, version="2")
    await vault.store(permitted)
    (row,) = await terms_in(database)
    assert row == ("discord", "discord-permitted", "2", "p" * 512, 40, 30, "K7QF2M3X")


async def terms_in(database: Database) -> list[tuple[object, ...]]:
    from sqlalchemy import select

    from db.tables import PHOTOS

    columns = (PHOTOS.c[name] for name in ("platform", "licence", "consent_version", "permission"))
    rest = (PHOTOS.c.width, PHOTOS.c.height, PHOTOS.c.query_id)
    return await database.vault_index._store.read(
        lambda connection: [tuple(row) for row in connection.execute(select(*columns, *rest))]
    )
