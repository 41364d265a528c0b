"""Settings -> the vault: its storage, its keys, and what looks after it."""

import asyncio
import logging
from dataclasses import dataclass

from bunri.settings import Settings, VaultSettings
from db.blob_folder import FolderBlobs
from db.blob_s3 import S3Address, S3Blobs, read_s3_url
from db.blobs import BlobStore
from db.database import Database
from db.errors import KeysUnusable
from db.vault import PhotoVault
from db.vault_care import VaultCare
from db.vault_key_command import KeyCommand
from db.vault_key_file import KeyFile
from db.vault_keys import KeyRing, WrittenKeys

_log = logging.getLogger(__name__)

FIRST_KEY = "first"
"""The id of the key that is made by itself."""


@dataclass(frozen=True, slots=True)
class VaultParts:
    """What the vault is made of."""

    blobs: BlobStore
    keys: KeyRing
    vault: PhotoVault
    care: VaultCare


def vault_parts(settings: Settings, database: Database) -> VaultParts:
    """The vault, whether or not new photos are kept; nothing is read or connected yet.

    Raises:
        StorageUnavailable, KeysUnusable: a setting is written wrongly.

    """
    blobs, keys = blobs_of(settings.vault), keys_of(settings.vault)
    vault = PhotoVault(blobs, keys, database)
    return VaultParts(blobs, keys, vault, VaultCare(vault, blobs, keys, database))


def blobs_of(settings: VaultSettings) -> BlobStore:
    """The bucket where there is a URL, and else the folder.

    Raises:
        StorageUnavailable: the URL or the file of the secret key cannot be used.

    """
    if not settings.url:
        return FolderBlobs(settings.folder)
    bucket, folder = read_s3_url(settings.url)
    secret = settings.s3_secret_key
    return S3Blobs(
        S3Address(
            bucket,
            folder,
            settings.s3_endpoint,
            settings.s3_region,
            settings.s3_access_key,
            "" if secret is None else secret.get_secret_value().strip(),
        )
    )


def keys_of(settings: VaultSettings) -> KeyRing:
    """The command where there is one, else the keys as they are written, else the file.

    Raises:
        KeysUnusable: the command cannot be read.

    """
    if settings.key_command:
        return KeyCommand(settings.key_command)
    if settings.keys is not None:
        return WrittenKeys(settings.keys.get_secret_value(), "BUNRI_VAULT__KEYS")
    return KeyFile(settings.keys_file)


async def prepare_keys(parts: VaultParts, database: Database) -> None:
    """Make the key file before the first photo. Where photos hang on a lost one, say so: no new one hides that."""
    keys = parts.keys
    try:
        if isinstance(keys, KeyFile) and not await asyncio.to_thread(keys.exists):
            by_key = await database.vault_index.count_by_key()
            if not set(by_key) - {None}:
                await asyncio.to_thread(keys.begin, FIRST_KEY)
        await asyncio.to_thread(keys.newest)
    except KeysUnusable as error:
        _log.error("no photo can be kept: %s", error)
