"""What ``bunri doctor`` asks of the vault: whether its keys can be had and its storage be written and emptied."""

import asyncio
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from bunri.check import Check, State
from bunri.database_url import database_url
from bunri.settings import Settings, VaultSettings
from bunri.vault_parts import blobs_of, keys_of
from db.blobs import BlobStore
from db.errors import DatabaseError
from db.vault_count import count_under_keys
from db.vault_key_file import KeyFile
from db.vault_keys import KEY_BYTES, KeyRing

_SEE = "see Photos that are kept, in docs/operating.md"


def vault_checks(settings: Settings) -> Iterator[Check]:
    """Of keys and storage, where photos are kept."""
    if not settings.vault.keep_photos:
        return
    yield keys_check(settings)
    yield storage_check(settings.vault)


def keys_check(settings: Settings) -> Check:
    """Whether a key can be wrapped and unwrapped, and nobody else reads the file, which lies apart."""
    try:
        ring = keys_of(settings.vault)
        if isinstance(ring, KeyFile):
            if not ring.exists():
                return _absence_check(ring, settings)
            wrong = _file_check(settings.vault)
            if wrong is not None:
                return wrong
        newest = _tried(ring)
    except DatabaseError as error:
        return Check("vault keys", State.PROBLEM, str(error), _SEE)
    return Check("vault keys", State.OK, f"from {ring.place}, the newest is {newest}")


def storage_check(settings: VaultSettings) -> Check:
    """Whether a blob can be written, read and deleted."""
    try:
        blobs = blobs_of(settings)
        if not settings.url and not settings.folder.exists():
            return Check("vault storage", State.OK, f"no {blobs.place} yet; made with the first photo")
        _written_and_deleted(blobs)
    except DatabaseError as error:
        return Check("vault storage", State.PROBLEM, str(error), _SEE)
    return Check("vault storage", State.OK, f"{blobs.place} can be written, read and emptied")


def _absence_check(file: KeyFile, settings: Settings) -> Check:
    """A key file that is not there: nothing yet, or a loss, where photos hang on its keys."""
    photos = asyncio.run(count_under_keys(database_url(settings.database)))
    if photos:
        remedy = f"restore it from its backup; {_SEE}"
        return Check("vault keys", State.PROBLEM, f"{file.place} is not there, and {photos} photos hang on it", remedy)
    return Check("vault keys", State.NOTE, f"no {file.place} yet; made before the first photo")


def _file_check(settings: VaultSettings) -> Check | None:
    file = settings.keys_file
    if not settings.url and settings.folder.resolve() in file.resolve().parents:
        remedy = "move it, and set BUNRI_VAULT__KEYS_FILE"
        return Check("vault keys", State.PROBLEM, f"{file} lies among the photos that it opens", remedy)
    return _mode_check(file)


def _mode_check(file: Path) -> Check | None:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError as error:
        return Check("vault keys", State.PROBLEM, f"{file}: {error.strerror}", "let this user read it")
    if mode & 0o077:
        return Check("vault keys", State.PROBLEM, f"{file} is open to others ({mode:o})", f"chmod 600 {file}")
    return None


def _tried(ring: KeyRing) -> str:
    """The id of the key that a probe was wrapped with."""
    probe = secrets.token_bytes(KEY_BYTES)
    key = ring.wrap(probe, b"doctor")
    if ring.unwrap(key, b"doctor") != probe:
        raise DatabaseError(f"{ring.place} unwraps something else than it wrapped")
    return key.key_id


def _written_and_deleted(blobs: BlobStore) -> None:
    name, probe = f"doctor-{secrets.token_hex(8)}", secrets.token_bytes(64)
    blobs.put(name, probe)
    try:
        if blobs.get(name) != probe:
            raise DatabaseError(f"{blobs.place} gives back something else than was written")
    finally:
        blobs.delete([name])
