"""What goes wrong around the vault: nothing is lost or half-written, and the resident's answer comes all the same."""

import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.keeping import Vault
from bots.messages import load_messages
from bots.platforms import Platform
from bots.reply import CardKind
from bots.request import PhotosSent, Resident
from db.blob_folder import FolderBlobs
from db.blob_s3 import S3Address, S3Blobs
from db.blobs import BlobStore
from db.database import Database
from db.errors import StorageUnavailable
from db.vault import PhotoVault
from db.vault_key_command import KeyCommand
from db.vault_key_file import KeyFile
from guides import load_guides
from inference.labels import Label
from tests.db_rows import ANNA
from tests.s3_server import running_s3
from tests.scripted_inference import ScriptedInference, verdict
from tests.tiny_photos import scene
from tests.vaults import agree, another, care_of, folder_vault, new_ring

RESIDENT = Resident("en", "kr", Platform.TELEGRAM, ANNA, ANNA)


def photo(seed: int = 1, side: int = 96) -> bytes:
    stream = BytesIO()
    Image.fromarray(scene(seed, side, side)).save(stream, "JPEG")
    return stream.getvalue()


async def talking(database: Database, vault: Vault, *photos: bytes) -> Conversation:
    """A resident who agreed sends photos, each in a message of its own, and is answered."""
    inference = ScriptedInference({each: verdict(Label.PAPER) for each in photos})
    options = ConversationOptions(per_user_per_minute=1000, per_chat_per_minute=1000)
    talk = Conversation(inference, load_guides(), load_messages(), memory=database, vault=vault, options=options)
    await database.consents.record(ANNA, "telegram", "1", given=True)
    for each in photos:
        reply = await talk.reply(PhotosSent((each,)), RESIDENT)
        assert reply.cards[0].kind is CardKind.ANSWER
    return talk


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of this size; skipped where nothing can be mounted."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine mounts no tmpfs for tests")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


async def test_a_full_disk_keeps_what_is_there_and_nothing_of_what_is_new(database: Database, tmp_path: Path) -> None:
    keys = new_ring()
    with small_disk(tmp_path / "disk", "64k") as disk:
        await agree(database, ANNA)
        vault = folder_vault(disk / "vault", database, keys)
        refusals = [str(each) for each in [await _refusal(vault) for _ in range(100)] if each is not None]
        stored = 100 - len(refusals)
        assert all(re.search(r"photos cannot be kept in .*: No space left on device", each) for each in refusals)
        assert 0 < stored < 100
        blobs = FolderBlobs(disk / "vault")
        assert len(list(blobs.listed())) == stored
        assert all(each.suffix == ".sealed" for each in (disk / "vault").iterdir())
        found = await care_of(blobs, keys, database).verify()
        assert (found.photos, found.faults) == (stored, ())
        assert await vault.count_of(ANNA) == stored
        assert await vault.delete_of(ANNA) == stored
        await vault.store(another())


async def _refusal(vault: PhotoVault) -> StorageUnavailable | None:
    try:
        await vault.store(another())
    except StorageUnavailable as error:
        return error
    return None


FULL = """
import resource, signal, sys
from pathlib import Path
from db.blob_folder import FolderBlobs
from db.errors import StorageUnavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    FolderBlobs(Path(sys.argv[1])).put("a", bytes(5000))
except StorageUnavailable as error:
    print(error)
"""


def test_a_file_that_may_not_grow_is_not_left_half_written(tmp_path: Path) -> None:
    FolderBlobs(tmp_path).put("a", b"the former")
    done = subprocess.run([sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True, check=True)
    assert "photos cannot be kept" in done.stdout
    assert "File too large" in done.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["a.sealed"]
    assert FolderBlobs(tmp_path).get("a") == b"the former"


def _unwritable(folder: Path) -> BlobStore:
    (folder / "in-its-place").touch()
    return FolderBlobs(folder / "in-its-place")


def _nobody_there(_: Path) -> BlobStore:
    return S3Blobs(S3Address("photos", "", "http://127.0.0.1:9", "us-east-1", "key", "a secret"))


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("no file of keys", "key file"),
        ("a command that fails", "the command"),
        ("a folder that cannot be written", "photos cannot be kept in"),
        ("a bucket that cannot be reached", "it cannot be reached"),
    ],
)
async def test_the_answer_comes_and_the_operator_reads_one_line(
    case: str, told: str, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    vault = {
        "no file of keys": lambda: folder_vault(tmp_path / "vault", database, KeyFile(tmp_path / "no")),
        "a command that fails": lambda: folder_vault(tmp_path / "vault", database, KeyCommand("/bin/false")),
        "a folder that cannot be written": lambda: PhotoVault(_unwritable(tmp_path), new_ring(), database),
        "a bucket that cannot be reached": lambda: PhotoVault(_nobody_there(tmp_path), new_ring(), database),
    }[case]()
    with caplog.at_level(logging.ERROR):
        talk = await talking(database, vault, photo())
        await talk.close()
    (record,) = caplog.records
    line = record.getMessage()
    assert line.startswith("a photo was not kept: ")
    assert told in line
    assert "\n" not in line
    assert ANNA not in line
    assert await vault.count_of(ANNA) == 0


class _Stuck(FolderBlobs):
    """A storage that does not answer until it is let go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.read_end, self.write_end = os.pipe()

    def put(self, name: str, blob: bytes) -> None:
        os.read(self.read_end, 1)
        super().put(name, blob)


async def test_a_storage_that_does_not_answer_delays_nobody_and_piles_up_nothing(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = _Stuck(tmp_path / "vault")
    vault = PhotoVault(stuck, new_ring(), database)
    photos = [photo(seed, 64) for seed in range(40)]
    talk = await talking(database, vault, *photos)
    assert await vault.count_of(ANNA) == 0
    # Other work of the loop's own threads goes on beside it.
    assert await asyncio.to_thread(lambda: 1) == 1
    os.write(stuck.write_end, b"1" * 100)
    await talk._keeper.settle()
    assert await vault.count_of(ANNA) == 32
    assert sum("wait for the vault already" in record.getMessage() for record in caplog.records) == 8
    os.close(stuck.read_end)
    os.close(stuck.write_end)


async def test_an_end_does_not_wait_for_a_storage_that_does_not_answer(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.photo_keeper._CLOSE_S", 0.5)
    stuck, keys = _Stuck(tmp_path / "vault"), new_ring()
    talk = await talking(database, PhotoVault(stuck, keys, database), photo())
    await talk.close()
    await talk.close()
    assert "1 photos were not kept: the vault did not answer in time" in caplog.text
    os.write(stuck.write_end, b"1")
    care = care_of(FolderBlobs(tmp_path / "vault"), keys, database)
    await care.sweep(datetime.now(UTC) + timedelta(hours=2))
    assert await database.vault_index.of(ANNA) == []


async def test_a_bucket_that_comes_back_takes_photos_again_and_had_lost_none(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = new_ring()
    with running_s3(tmp_path) as server:
        address = server.new_bucket()
        vault = PhotoVault(S3Blobs(address), keys, database)
        await (await talking(database, vault, photo(1))).close()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        await (await talking(database, vault, photo(2))).close()
        assert "it cannot be reached" in caplog.text
        with pytest.raises(StorageUnavailable):
            await vault.delete_of(ANNA)
        assert await vault.count_of(ANNA) == 1
    with running_s3(tmp_path) as server:
        back = S3Address(
            address.bucket, address.folder, server.url, "us-east-1", address.access_key, address.secret_key
        )
        blobs = S3Blobs(back)
        vault = PhotoVault(blobs, keys, database)
        assert (await care_of(blobs, keys, database).verify()).photos == 1
        await (await talking(database, vault, photo(2))).close()
        assert await vault.count_of(ANNA) == 2
        assert await vault.delete_of(ANNA) == 2
        assert list(blobs.listed()) == []
