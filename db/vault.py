"""Photos that residents allowed to keep: encrypted files in a folder, one row each in the database.

A row is written before its file and deleted after it. So whatever stops the process, no file is ever without the
row by which ``delete_of`` finds it.
"""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from db.database import Database
from db.errors import DatabaseUnavailable
from db.secret import Secret

_SUFFIX: Final = ".sealed"


class CleanPhoto(Protocol):
    """A photo to keep: made anew from its pixels, so that no metadata is in it."""

    @property
    def data(self) -> bytes:
        """The encoded photo."""

    @property
    def query_id(self) -> str:
        """The logged query that it belongs to."""

    @property
    def user_key(self) -> str:
        """The pseudonym of who allowed it; never ""."""

    @property
    def platform(self) -> str:
        """Where it came from."""

    @property
    def licence(self) -> str:
        """Under which terms it was given: the version of the consent's text."""


class FolderVault:
    """A folder of sealed photos. File names are random and tell nothing; the folder is its owner's only."""

    def __init__(self, folder: Path, secret: Secret, database: Database) -> None:
        self._folder = folder
        self._secret = secret
        self._index = database.vault_index

    async def store(self, photo: CleanPhoto) -> None:
        """Keep it, on disk when this returns, unless its resident was forgotten meanwhile.

        Raises:
            DatabaseUnavailable: the database or the folder cannot be written; nothing was kept.

        """
        number = await self._index.begin(
            query_id=photo.query_id, user_key=photo.user_key, platform=photo.platform, licence=photo.licence
        )
        try:
            await asyncio.to_thread(self._write, number, photo.data)
        except OSError as error:
            with contextlib.suppress(DatabaseUnavailable):  # the row then stays, by which the rest is found
                await self._delete([number], with_tombstones=False)
            raise DatabaseUnavailable(f"photos cannot be kept in {self._folder}: {error.strerror}") from error
        if not await self._index.complete(number, len(photo.data)):
            await asyncio.to_thread(self._remove, [number])

    async def delete_of(self, user_key: str) -> int:
        """Delete all their photos, with a tombstone each; how many there were. They are gone when this returns.

        Raises:
            DatabaseUnavailable: a file could not be deleted; its row stays, and the next call tries again.

        """
        return await self._delete(await self._index.of(user_key), with_tombstones=True)

    async def count_of(self, user_key: str) -> int:
        """How many of their photos are kept."""
        return await self._index.count_of(user_key)

    async def purge(self, now: datetime, unreviewed_days: int) -> int:
        """Delete the photos that nobody reviewed within so many days; how many that was."""
        old = await self._index.unreviewed_before(now - timedelta(days=unreviewed_days))
        return await self._delete(old, with_tombstones=False)

    async def read(self, number: str) -> bytes:
        """A kept photo, by its id.

        Raises:
            FileNotFoundError: there is none of this id.
            Unsealable: it was sealed with another secret, or altered.

        """
        sealed = await asyncio.to_thread(self._path(number).read_bytes)
        return self._secret.unseal(sealed, _context(number))

    async def _delete(self, numbers: Sequence[str], *, with_tombstones: bool) -> int:
        if not numbers:
            return 0
        try:
            await asyncio.to_thread(self._remove, numbers)
        except OSError as error:
            raise DatabaseUnavailable(f"photos in {self._folder} cannot be deleted: {error.strerror}") from error
        return await self._index.delete(numbers, with_tombstones=with_tombstones)

    def _path(self, number: str) -> Path:
        return self._folder / f"{number}{_SUFFIX}"

    def _write(self, number: str, photo: bytes) -> None:
        """The whole file or none of it: written beside, then renamed."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(number)
        draft = path.with_suffix(".draft")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(self._secret.seal(photo, _context(number)))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileNotFoundError):  # its resident is being forgotten at this moment
                draft.rename(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        self._sync_folder()

    def _remove(self, numbers: Sequence[str]) -> None:
        if not self._folder.exists():
            return
        for number in numbers:
            path = self._path(number)
            path.unlink(missing_ok=True)
            path.with_suffix(".draft").unlink(missing_ok=True)
        self._sync_folder()

    def _sync_folder(self) -> None:
        """A rename or a deletion is on disk only once the folder is."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _context(number: str) -> bytes:
    return f"photo:{number}".encode()
