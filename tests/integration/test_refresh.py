"""A finished export from which goes what may not be outside the vault any more."""

import json
import os
import shutil
from pathlib import Path

import pytest

from db.database import Database
from db.errors import DatabaseError
from db.exporting.errors import ExportInterrupted, ExportRefused
from db.exporting.formats import FORMATS
from db.exporting.refresh import Refreshed, refresh
from db.exporting.request import ExportRequest
from db.exporting.run import export
from db.migrate import upgrade
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA
from tests.kept_photos import Vault, ids_of, keep, keep_many, open_vault, photo, surroundings
from tests.planted import files_in
from training.exported_photos import read_export


@pytest.fixture
def vault(database: Database, tmp_path: Path) -> Vault:
    return open_vault(database, tmp_path / "vault")


async def exported(database: Database, tmp_path: Path, form: str, vault_folder: Path | None = None) -> Path:
    request = ExportRequest(format=form, with_discord=True)
    around = surroundings(database, vault_folder or tmp_path / "vault")
    await export(tmp_path / "out", request, "anna", "for the test", around, lambda _d, _o: None)
    return tmp_path / "out"


async def refreshed(database: Database, folder: Path, *, with_discord: bool = True) -> Refreshed:
    return await refresh(folder, "anna", "for the test", database, with_discord=with_discord)


def named_in(folder: Path, item_id: str) -> list[str]:
    return [name for name, content in files_in(folder).items() if item_id in name or item_id.encode() in content]


@pytest.mark.parametrize("form", FORMATS)
async def test_who_is_forgotten_is_nowhere_in_the_folder_and_all_else_is_as_it_was(
    form: str, database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep_many(database, vault, 6, (ANNA, BORA))
    # What looks like one of hers names hers.
    await keep(database, vault, 0, user_key=BORA, data=photo(0, quality=60))
    gone = await ids_of(database, ANNA)
    folder = await exported(database, tmp_path, form)
    before = files_in(folder)
    await vault.delete_of(ANNA)
    done = await refreshed(database, folder)
    assert (done.photos, done.removed, done.files) == (4, 3, 3)
    assert [named for each in gone for named in named_in(folder, each)] == []
    after = files_in(folder)
    assert all(after[name] == before[name] for name in after if name.endswith(".jpg"))
    assert len([name for name in after if name.endswith(".jpg")]) == 4
    manifest = json.loads(after["manifest.json"])
    assert {each["path"] for each in manifest["files"]} == set(after) - {"manifest.json"}
    assert manifest["counts"]["photos"] == 4
    assert read_export(folder).manifest_sha256 == done.manifest_sha256, "every table is what the manifest says"
    (deed, *_) = await database.audit.newest()
    assert (deed.actor, deed.action, deed.detail["removed"]) == ("anna", "refresh", 3)
    assert (await refreshed(database, folder)).removed == 0
    assert files_in(folder) == after


async def test_a_photo_that_somebody_sorted_into_another_folder_goes_too(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep_many(database, vault, 2, (ANNA, BORA))
    (gone,) = await ids_of(database, ANNA)
    folder = await exported(database, tmp_path, "imagefolder")
    (found,) = folder.rglob(f"{gone}.jpg")
    (folder / "shoes").mkdir(exist_ok=True)
    found.rename(folder / "shoes" / found.name)
    await vault.delete_of(ANNA)
    assert (await refreshed(database, folder)).files == 1
    assert named_in(folder, gone) == []


async def test_labels_that_somebody_wrote_into_a_table_are_not_overwritten(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep_many(database, vault, 2, (ANNA, BORA))
    folder = await exported(database, tmp_path, "csv")
    table = folder / "to_label.csv"
    table.write_bytes(table.read_bytes().replace(b",,", b",metal,"))
    before = files_in(folder)
    await vault.delete_of(ANNA)
    with pytest.raises(ExportRefused, match=r"to_label\.csv was changed since it was exported"):
        await refreshed(database, folder)
    assert files_in(folder) == before
    table.unlink()
    assert (await refreshed(database, folder)).removed == 1
    assert table.exists()


async def test_a_refresh_that_was_killed_before_its_manifest_goes_on(
    database: Database, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep_many(database, vault, 4, (ANNA, BORA))
    folder = await exported(database, tmp_path, "label-studio")
    await vault.delete_of(ANNA)
    with monkeypatch.context() as patched:
        patched.setattr("db.exporting.refresh.manifest", _no_space)
        with pytest.raises(DatabaseError, match="No space left on device; give the same command again"):
            await refreshed(database, folder)
    done = await refreshed(database, folder)
    assert done.photos == 2
    assert read_export(folder).manifest_sha256 == done.manifest_sha256
    assert not (folder / ".refreshing").exists()


def _no_space(*_given: object) -> None:
    raise OSError(28, "No space left on device")


async def test_discords_photos_go_where_its_permission_is_gone(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    gone = await keep(database, vault, 1, platform="discord")
    await keep(database, vault, 2, user_key=BORA)
    folder = await exported(database, tmp_path, "csv")
    assert (await refreshed(database, folder, with_discord=False)).removed == 1
    assert named_in(folder, gone) == []


async def test_what_is_no_finished_export_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportRefused, match="holds no finished export"):
        await refreshed(database, tmp_path / "out")
    (tmp_path / "out" / ".unfinished").mkdir()
    with pytest.raises(ExportRefused, match="finish it with its own command"):
        await refreshed(database, tmp_path / "out")
    (tmp_path / "out" / ".unfinished").rmdir()
    (tmp_path / "out" / "manifest.json").write_text("[]")
    (tmp_path / "out" / "metadata.csv").write_text("")
    with pytest.raises(ExportRefused, match="no export of this version"):
        await refreshed(database, tmp_path / "out")


async def test_a_database_that_knows_nothing_of_the_export_deletes_nothing(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep_many(database, vault, 2, (ANNA, BORA))
    folder = await exported(database, tmp_path, "csv")
    before = files_in(folder)
    url = f"sqlite:///{tmp_path / 'another.sqlite3'}"
    await upgrade(url)
    another = await Database.open(url, SECRET)
    try:
        with pytest.raises(ExportRefused, match=r"knows no export [0-9a-f]{32}.*nothing was changed"):
            await refreshed(another, folder)
        assert await another.audit.newest() == []
    finally:
        await another.close()
    assert files_in(folder) == before


@pytest.mark.parametrize("strange", ["../../precious.txt", "{root}/precious.txt", "images/../../../precious.txt"])
async def test_a_manifest_that_names_a_file_of_somebody_elses_is_refused(
    strange: str, database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep_many(database, vault, 2, (ANNA, BORA))
    folder = await exported(database, tmp_path / "deep", "csv", tmp_path / "vault")
    precious = tmp_path / "precious.txt"
    precious.write_text("precious")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"].append({"path": strange.format(root=tmp_path), "sha256": "0" * 64, "size": 8})
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / ".refreshing").touch()
    before = files_in(folder)
    await vault.delete_of(ANNA)
    with pytest.raises(ExportRefused, match=r"its manifest names .*precious\.txt"):
        await refreshed(database, folder)
    assert precious.read_text() == "precious"
    assert files_in(folder) == before


async def test_links_in_the_folder_lead_no_writing_out_of_it(database: Database, vault: Vault, tmp_path: Path) -> None:
    await keep_many(database, vault, 2, (ANNA, BORA))
    folder = await exported(database, tmp_path, "huggingface")
    precious = tmp_path / "precious.txt"
    precious.write_text("precious")
    for name in ("classes.txt", "metadata.csv", "manifest.json", ".refreshing"):
        (folder / f"{name}.draft").symlink_to(precious)
    await vault.delete_of(ANNA)
    assert (await refreshed(database, folder)).removed == 1
    assert precious.read_text() == "precious"
    assert not list(folder.rglob("*.draft"))
    (folder / "data").rename(tmp_path / "elsewhere")
    (folder / "data").symlink_to(tmp_path / "elsewhere")
    before = files_in(tmp_path / "elsewhere")
    await vault.delete_of(BORA)
    with pytest.raises(ExportRefused, match="is a link to another folder"):
        await refreshed(database, folder)
    assert files_in(tmp_path / "elsewhere") == before


async def test_a_photo_goes_under_every_name_that_holds_its_id(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep_many(database, vault, 8, (ANNA, BORA))
    first, second, third, fourth = gone = await ids_of(database, ANNA)
    folder = await exported(database, tmp_path, "csv")
    images = folder / "images"
    (images / f"{first}.jpg").rename(images / f"{first} (1).jpg")
    (images / f"{second}.jpg").rename(images / f"{second.upper()}.JPG")
    (images / f"a-{third}-small.webp").write_bytes(b"a thumbnail")
    (images / f"{fourth}.jpg").rename(tmp_path / "taken away.jpg")
    await vault.delete_of(ANNA)
    done = await refreshed(database, folder)
    assert (done.removed, done.files, done.missing) == (4, 4, [fourth])
    assert [name for name in files_in(folder) for each in gone if each in name.lower()] == []
    assert len(list(images.iterdir())) == 4
    (deed, *_) = await database.audit.newest()
    assert (deed.detail["files"], deed.detail["missing"]) == (4, 1)


async def test_a_folder_that_cannot_be_looked_into_is_no_success(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep_many(database, vault, 2, (ANNA, BORA))
    folder = await exported(database, tmp_path, "csv")
    _dig(folder)
    before = (folder / "manifest.json").read_bytes()
    await vault.delete_of(ANNA)
    try:
        with pytest.raises(ExportInterrupted, match="File name too long; give the same command again"):
            await refreshed(database, folder)
    finally:
        shutil.rmtree(folder / _DEEP)
    assert (folder / "manifest.json").read_bytes() == before
    assert (await refreshed(database, folder)).files == 1


_DEEP = "d" * 200


def _dig(folder: Path) -> None:
    """A folder whose path is too long to be opened, for root as well."""
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(25):
        os.mkdir(_DEEP, dir_fd=handle)
        inner = os.open(_DEEP, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)


async def test_a_linked_folder_that_hides_photos_is_refused(database: Database, vault: Vault, tmp_path: Path) -> None:
    await keep_many(database, vault, 2, (ANNA, BORA))
    folder = await exported(database, tmp_path, "csv")
    (folder / "images").rename(tmp_path / "elsewhere")
    (folder / "images").symlink_to(tmp_path / "elsewhere")
    await vault.delete_of(ANNA)
    with pytest.raises(ExportRefused, match="images is a link to another folder"):
        await refreshed(database, folder)
    (folder / "images").unlink()
    (tmp_path / "elsewhere").rename(folder / "kept here")
    (folder / "images").symlink_to(folder / "kept here")
    assert (await refreshed(database, folder)).files == 1


@pytest.mark.parametrize("at", ["db.exporting.refresh._delete", "db.exporting.refresh.manifest"])
async def test_labels_written_after_a_refresh_was_killed_are_not_overwritten(
    at: str, database: Database, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep_many(database, vault, 4, (ANNA, BORA))
    folder = await exported(database, tmp_path, "csv")
    await vault.delete_of(ANNA)
    with monkeypatch.context() as patched:
        patched.setattr(at, _no_space)
        with pytest.raises(ExportInterrupted):
            await refreshed(database, folder)
    table = folder / "to_label.csv"
    untouched = table.read_bytes()
    table.write_bytes(untouched.replace(b",,", b",metal,"))
    before = files_in(folder)
    with pytest.raises(ExportRefused, match=r"to_label\.csv was changed since it was exported"):
        await refreshed(database, folder)
    assert files_in(folder) == before
    table.write_bytes(untouched)
    assert (await refreshed(database, folder)).photos == 2


async def test_who_leaves_between_two_interruptions_goes_too(
    database: Database, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep_many(database, vault, 4, (ANNA, BORA))
    gone = [*await ids_of(database, ANNA), *await ids_of(database, BORA)]
    folder = await exported(database, tmp_path, "label-studio")
    with monkeypatch.context() as patched:
        patched.setattr("db.exporting.refresh.manifest", _no_space)
        for leaving in (ANNA, BORA):
            await vault.delete_of(leaving)
            with pytest.raises(ExportInterrupted):
                await refreshed(database, folder)
    done = await refreshed(database, folder)
    assert done.photos == 0
    assert [named for each in gone for named in named_in(folder, each)] == []
    assert read_export(folder).manifest_sha256 == done.manifest_sha256


async def test_an_empty_note_lets_nothing_be_overwritten(database: Database, vault: Vault, tmp_path: Path) -> None:
    await keep_many(database, vault, 2, (ANNA, BORA))
    folder = await exported(database, tmp_path, "csv")
    (folder / ".refreshing").touch()
    (folder / "to_label.csv").write_text("labels of three days")
    await vault.delete_of(ANNA)
    with pytest.raises(ExportRefused, match=r"to_label\.csv was changed"):
        await refreshed(database, folder)
