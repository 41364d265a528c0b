"""Vaults for the tests, with a key that is in memory alone."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from db.blob_folder import FolderBlobs
from db.blobs import BlobStore
from db.consents import ConsentState
from db.database import Database
from db.licences import Licence
from db.vault import PhotoVault
from db.vault_care import VaultCare
from db.vault_keys import KeyRing, WrittenKeys, written_key
from tests.db_rows import ANNA


@dataclass(frozen=True)
class Kept:
    """A photo to keep; each its own, unless its pixels are said to be another's."""

    user_key: str = ANNA
    data: bytes = b"pixels of a photo " * 100
    pixels: str = ""
    query_id: str = "K7QF2M3X"
    platform: str = "telegram"
    licence: Licence = Licence.TELEGRAM_OPTED_IN
    consent_version: str = "1"
    permission: str = ""
    width: int = 40
    height: int = 30


def another(user_key: str = ANNA) -> Kept:
    """A photo that nobody sent before."""
    return Kept(user_key, pixels=hashlib.sha256(secrets.token_bytes(8)).hexdigest())


async def agree(database: Database, *user_keys: str, version: str = "1") -> None:
    """Let them allow that their photos are kept, where they did not yet."""
    for user_key in user_keys:
        said = await database.consents.state(user_key)
        if (said.state, said.version) != (ConsentState.GIVEN, version):
            await database.consents.record(user_key, "telegram", version, given=True)


def new_ring(*ids: str) -> WrittenKeys:
    """A ring of new keys."""
    return WrittenKeys(" ".join(written_key(each) for each in ids or ("first",)), "the test's keys")


def folder_vault(folder: Path, database: Database, keys: KeyRing | None = None) -> PhotoVault:
    """A vault in a folder."""
    return PhotoVault(FolderBlobs(folder), keys or new_ring(), database)


def care_of(blobs: BlobStore, keys: KeyRing, database: Database) -> VaultCare:
    """What looks after a vault of these parts."""
    return VaultCare(PhotoVault(blobs, keys, database), blobs, keys, database)
