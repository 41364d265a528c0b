"""Photos that residents allowed to keep: one sealed blob each in a folder or a bucket, one row each in the database.

A row is written before its blob and deleted after it. So whatever stops the process, no blob is ever without the
row by which ``delete_of`` finds it; what a process that died left is swept by ``db.vault_care``.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar
from weakref import WeakValueDictionary

from db.blobs import BlobStore
from db.database import Database
from db.errors import DatabaseRefused, PhotoMissing, StorageUnavailable
from db.licences import Licence
from db.vault_envelope import Envelope, context_of, is_envelope
from db.vault_index import PhotoRow, PhotoTerms
from db.vault_keys import KeyRing

T = TypeVar("T")

_THREADS: Final = 4
"""A storage that does not answer holds these, and none that anything else needs."""

_AT_ONCE: Final = 100
_LONGEST_PERMISSION: Final = 512


class CleanPhoto(Protocol):
    """A photo to keep: made anew from its pixels, so that no metadata is in it."""

    @property
    def data(self) -> bytes:
        """The encoded photo."""

    @property
    def pixels(self) -> str:
        """A hash of its pixels, before they were encoded: two photos with the same pixels have the same."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""

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
    def licence(self) -> Licence:
        """Under which terms it is kept."""

    @property
    def consent_version(self) -> str:
        """Which version of the consent's text its resident agreed to; at most 16 characters."""

    @property
    def permission(self) -> str:
        """What the operator recorded of the platform's permission; "" where none is needed."""


class PhotoVault:
    """Sealed photos. Blobs are named by a keyed hash of pixels and person: a name tells nothing.

    The same picture sent twice by one person is one photo. Sent by two persons it is two: each may take back theirs.
    """

    def __init__(self, blobs: BlobStore, keys: KeyRing, database: Database) -> None:
        self._blobs = blobs
        self._keys = keys
        self._secret = database.secret
        self._index = database.vault_index
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bunri-vault")
        self._being_stored: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def store(self, photo: CleanPhoto) -> None:
        """Keep it, in the storage when this returns, unless its resident does not agree to that, or no longer.

        Their consent is looked up in the transactions that announce the photo and make it whole: who takes it back
        and has their photos deleted then finds none, whatever was on its way.

        Raises:
            DatabaseUnavailable: the database or the storage cannot be written; nothing was kept.
            KeysUnusable: there is no key to seal it with; nothing was kept.
            DatabaseRefused: its licence says never; nothing was kept.

        """
        if not photo.licence.keeps:
            raise DatabaseRefused(f"a photo with the licence {photo.licence.value} is never kept")
        name = self._secret.photo_key(photo.user_key, photo.pixels)
        lock = self._being_stored.setdefault(name, asyncio.Lock())
        async with lock:
            # Before the row, so that a vault without keys leaves no trace.
            envelope = await self._off_loop(lambda: Envelope.seal(photo.data, name, self._keys))
            row = await self._index.begin(name, _terms(photo))
            if row is None or row.size is not None:
                return
            await self._off_loop(lambda: self._blobs.put(name, envelope.plain()))
            if not await self._index.complete(row.id, len(photo.data), envelope.key.key_id):
                await self.drop_unless_wanted(name)

    async def read(self, number: str) -> bytes:
        """A kept photo, by its id: a JPEG without metadata.

        Raises:
            PhotoMissing: there is none of this id, or its blob is not there.
            KeyMissing, KeysUnusable: its key cannot be had.
            Unsealable: it was sealed with another key or secret, or altered.
            StorageUnavailable: the storage cannot be read.

        """
        row = await self._index.find(number)
        if row is None:
            raise PhotoMissing("no photo of this id is kept")
        return await self.read_row(row)

    async def read_row(self, row: PhotoRow) -> bytes:
        """The photo of a row that was looked up; raises as ``read``."""
        return await self._off_loop(lambda: self._opened(row))

    async def delete_of(self, user_key: str) -> int:
        """Delete all their photos, with a tombstone each; how many there were. They are gone when this returns.

        Raises:
            DatabaseUnavailable: a blob could not be deleted; its row stays, and the next call tries again.

        """
        return await self._delete(await self._index.of(user_key), with_tombstones=True)

    async def count_of(self, user_key: str) -> int:
        """How many of their photos are kept."""
        return await self._index.count_of(user_key)

    async def purge(self, now: datetime, unreviewed_days: int) -> int:
        """Delete the photos that nobody reviewed within so many days; how many that was. A label that comes meanwhile
        is stronger: its photo stays, or the label is refused.

        Raises:
            DatabaseUnavailable: a blob could not be deleted; its row stays, and the next call tries again.

        """
        old = await self._index.unreviewed_before(now - timedelta(days=unreviewed_days))
        purged = 0
        for start in range(0, len(old), _AT_ONCE):
            some = old[start : start + _AT_ONCE]
            # Some may have been reviewed since they were looked up; those that are claimed cannot be any more.
            claimed = await self._index.claim_unreviewed([row.id for row in some])
            rows = [row for row in some if row.id in claimed]
            try:
                await self._delete(rows, with_tombstones=False)
            except StorageUnavailable:
                await self._index.give_back(rows)
                raise
            for row in rows:
                # The same picture may have been sent again in between: its row went with the others.
                await self.drop_unless_wanted(row.blob)
            purged += sum(row.size is not None for row in rows)
        return purged

    async def drop_unless_wanted(self, name: str) -> None:
        """Delete a blob whose row went while it was written, unless a newer row has it.

        Where it cannot be deleted now, it is a blob without a row, and swept later.
        """
        if name not in await self._index.blobs_among([name]):
            with suppress(StorageUnavailable):
                await self._off_loop(lambda: self._blobs.delete([name]))

    async def _delete(self, rows: Sequence[PhotoRow], *, with_tombstones: bool) -> int:
        deleted = 0
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            names = [row.blob for row in some]
            await self._off_loop(lambda names=names: self._blobs.delete(names))  # type: ignore[misc]
            deleted += await self._index.delete([row.id for row in some], with_tombstones=with_tombstones)
        return deleted

    def _opened(self, row: PhotoRow) -> bytes:
        blob = self._blobs.get(row.blob)
        if not is_envelope(blob):
            return self._secret.unseal(blob, context_of(row.blob))
        return Envelope.read(blob).open(row.blob, self._keys)

    async def _off_loop(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _terms(photo: CleanPhoto) -> PhotoTerms:
    return PhotoTerms(
        query_id=photo.query_id,
        user_key=photo.user_key,
        platform=str(photo.platform),
        licence=photo.licence.value,
        consent_version=photo.consent_version,
        permission=photo.permission[:_LONGEST_PERMISSION],
        width=photo.width,
        height=photo.height,
    )
