"""``bunri vault`` and what the doctor says of the vault, against a real database, folder and bucket."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner, Result

from bunri.check import State
from bunri.commands import forget, purge, vault
from bunri.household import open_database
from bunri.settings import Settings
from bunri.vault_check import vault_checks
from bunri.vault_parts import VaultParts, prepare_keys, vault_parts
from db.database import Database, Forgotten
from tests.s3_server import S3Server
from tests.vaults import agree, another

T = TypeVar("T")


@pytest.fixture(params=["folder", "s3"], autouse=True)
def surroundings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = {
        "DATABASE__URL": f"sqlite:///{tmp_path / 'bunri.db'}",
        "DATABASE__SECRET": "a secret that is long enough for the tests",
        "VAULT__KEEP_PHOTOS": "true",
        "VAULT__FOLDER": str(tmp_path / "vault"),
        "VAULT__KEYS_FILE": str(tmp_path / "keys"),
    }
    if request.param == "s3":
        server = request.getfixturevalue("s3_server")
        assert isinstance(server, S3Server)
        address = server.new_bucket()
        settings |= {
            "VAULT__URL": f"s3://{address.bucket}/{address.folder}",
            "VAULT__S3_ENDPOINT": address.endpoint,
            "VAULT__S3_REGION": address.region,
            "VAULT__S3_ACCESS_KEY": address.access_key,
            "VAULT__S3_SECRET_KEY": address.secret_key,
        }
    for name, value in settings.items():
        monkeypatch.setenv(f"BUNRI_{name}", value)


def in_vault(work: Callable[[VaultParts, Database], Awaitable[T]]) -> T:
    async def run() -> T:
        settings = Settings()
        database = await open_database(settings)
        try:
            parts = vault_parts(settings, database)
            await prepare_keys(parts, database)
            return await work(parts, database)
        finally:
            await database.close()

    return asyncio.run(run())


def keep(user: str = "1001") -> str:
    """Keep a photo of this user of Telegram; its blob's name."""

    async def store(parts: VaultParts, database: Database) -> str:
        user_key = database.secret.user_key("telegram", user)
        await agree(database, user_key)
        await parts.vault.store(another(user_key))
        return (await database.vault_index.of(user_key))[-1].blob

    return in_vault(store)


def called(*arguments: str) -> Result:
    return CliRunner().invoke(vault.command, list(arguments))


def one_line(done: Result) -> str:
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_keys_are_exchanged_from_beginning_to_end(tmp_path: Path) -> None:
    keep()
    keep("2002")
    assert "first" in called("keys").output
    made = called("new-key", "second")
    assert made.exit_code == 0, made.output
    keep()
    assert json.loads(called("keys", "--json").stdout) == {
        "newest": "second",
        "photos": {"first": 2, "second": 1},
        "without_key": 0,
    }
    turned = called("rotate")
    assert turned.stdout == "2 photos wrapped with second, 0 sealed anew with it\n"
    assert called("rotate", "--json").stdout.startswith('{"newest": "second", "rewrapped": 0')
    lines = (tmp_path / "keys").read_text().splitlines()
    (tmp_path / "keys").write_text(lines[1] + "\n")
    found = called("verify")
    assert found.exit_code == 0, found.output
    assert found.stdout == "3 photos are whole, 0 files belong to none\n"


def test_a_new_key_gets_a_name_of_its_own() -> None:
    for _ in range(2):
        assert called("new-key").exit_code == 0
    assert len(json.loads(called("keys", "--json").stdout)["photos"]) == 2


def test_a_lost_key_file_is_one_clear_line_and_is_never_replaced_in_silence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blob = keep()
    (tmp_path / "keys").rename(tmp_path / "elsewhere")

    async def nothing(parts: VaultParts, database: Database) -> None:
        return None

    in_vault(nothing)
    assert "no photo can be kept: the vault's key file" in caplog.text
    assert not (tmp_path / "keys").exists()
    assert "is not there" in one_line(called("rotate"))
    found = called("verify")
    assert found.exit_code == 1
    assert "is not there" in found.stderr
    (tmp_path / "elsewhere").rename(tmp_path / "keys")
    assert called("verify").exit_code == 0
    assert in_vault(lambda parts, _: asyncio.to_thread(parts.blobs.get, blob))


def test_verifying_names_a_lost_key_once_with_how_many_photos_hang_on_it(tmp_path: Path) -> None:
    for user in ("1001", "2002", "3003"):
        keep(user)
    assert called("new-key", "second").exit_code == 0
    (tmp_path / "keys").write_text((tmp_path / "keys").read_text().splitlines(True)[1])
    found = called("verify")
    assert found.exit_code == 1
    first, last = found.stderr.splitlines()
    assert first.startswith("3 photos: ")
    assert "first" in first
    assert last == "Error: 3 photos cannot be had"
    assert len(json.loads(called("verify", "--json").stdout)["faults"]) == 3


def test_verifying_names_what_cannot_be_had_and_ends_with_one() -> None:
    blob = keep()
    keep("2002")

    async def harm(parts: VaultParts, _: Database) -> None:
        parts.blobs.put(blob, parts.blobs.get(blob)[:-1])
        parts.blobs.put("stray", b"of nobody")

    in_vault(harm)
    found = called("verify")
    assert found.exit_code == 1
    assert found.stdout == "1 photos are whole, 0 files belong to none\n"
    assert "altered" in found.stderr
    report = json.loads(called("verify", "--json").stdout)
    assert (report["photos"], report["strays"], len(report["faults"])) == (1, 0, 1)


def test_forgetting_and_purging_reach_the_storage() -> None:
    keep()
    keep("2002")
    forgotten = CliRunner().invoke(forget.command, ["telegram:1001"])
    assert "1 photos" in forgotten.stdout
    assert "`bunri export DIR --refresh`" in forgotten.stderr
    done = CliRunner().invoke(purge.command, [])
    assert "0 photos, 0 left behind in the vault" in done.output

    async def left(parts: VaultParts, _: Database) -> int:
        return len(list(parts.blobs.listed()))

    assert in_vault(left) == 1


def test_sweeping_leaves_what_is_young_and_what_belongs_to_a_photo() -> None:
    keep()
    swept = called("sweep")
    assert swept.stdout == "deleted: 0 files, 0 drafts, 0 announcements\n"
    assert called("verify").exit_code == 0


def test_what_a_bot_keeps_while_somebody_is_forgotten_goes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    forget_rows = Database.forget

    async def forget_late(database: Database, user_key: str) -> Forgotten:
        await asyncio.to_thread(keep)
        return await forget_rows(database, user_key)

    monkeypatch.setattr(Database, "forget", forget_late)
    assert "2 photos" in CliRunner().invoke(forget.command, ["telegram:1001"]).output

    async def left(parts: VaultParts, _: Database) -> int:
        return len(list(parts.blobs.listed()))

    assert in_vault(left) == 0


def test_photos_are_in_no_file_under_a_name_or_as_they_are(tmp_path: Path) -> None:
    """Keys apart: who has the database and the storage has no picture and nobody's name."""
    keep("8765432109")
    user_key = Settings().database.secret
    assert user_key is not None
    for file in (file for file in tmp_path.rglob("*") if file.is_file() and file.name != "keys"):
        content = file.read_bytes() + os.fsencode(file.name)
        for told in (b"pixels of a photo", b"8765432109", b"\xff\xd8\xff", b"Exif", b"a secret that is long"):
            assert told not in content, file.name


def test_settings_that_cannot_be_used_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_VAULT__URL", "https://bucket")
    assert "s3://bucket/folder" in one_line(called("verify"))
    monkeypatch.setenv("BUNRI_VAULT__URL", "")
    monkeypatch.setenv("BUNRI_VAULT__KEYS", "first:hunter2")
    line = one_line(called("keys"))
    assert "BUNRI_VAULT__KEYS" in line
    assert "hunter2" not in line
    assert "make the new one there" in one_line(called("new-key"))


def test_the_doctor_tries_keys_and_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    assert [(each.name, each.state) for each in vault_checks(Settings())] == [
        ("vault keys", State.OK),
        ("vault storage", State.OK),
    ]
    assert called("verify").exit_code == 0, "the probe is gone"
    (tmp_path / "keys").chmod(0o644)
    assert [each.state for each in vault_checks(Settings())] == [State.PROBLEM, State.OK]
    monkeypatch.setenv("BUNRI_VAULT__KEYS_FILE", str(tmp_path / "nowhere"))
    keys, _ = vault_checks(Settings())
    assert (keys.state, keys.found) == (State.PROBLEM, f"{tmp_path / 'nowhere'} is not there, and 1 photos hang on it")
    monkeypatch.setenv("BUNRI_VAULT__KEY_COMMAND", "/bin/false")
    monkeypatch.setenv("BUNRI_VAULT__S3_ENDPOINT", "http://127.0.0.1:9")
    keys, storage = vault_checks(Settings())
    assert keys.state is State.PROBLEM
    assert "/bin/false" in keys.found
    if Settings().vault.url:
        assert storage.state is State.PROBLEM
        assert "cannot be reached" in storage.found
    monkeypatch.setenv("BUNRI_VAULT__KEEP_PHOTOS", "false")
    assert list(vault_checks(Settings())) == []


def test_a_key_file_that_no_photo_hangs_on_may_be_missing(tmp_path: Path) -> None:
    keys, _ = vault_checks(Settings())
    assert (keys.state, (tmp_path / "bunri.db").exists()) == (State.NOTE, False), "there is no database yet"
    in_vault(lambda parts, database: database.vault_index.count_by_key())
    (tmp_path / "keys").unlink()
    keys, _ = vault_checks(Settings())
    assert keys.state is State.NOTE


def test_keys_among_the_photos_are_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if Settings().vault.url:
        pytest.skip("a bucket holds no key file")
    monkeypatch.setenv("BUNRI_VAULT__KEYS_FILE", str(tmp_path / "vault" / "keys"))
    keep()
    keys, _ = vault_checks(Settings())
    assert keys.state is State.PROBLEM
    assert "lies among the photos" in keys.found
