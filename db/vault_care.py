"""Looking after the vault: exchanging keys, checking that all is there, sweeping up what dead processes left."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from db.blobs import BlobStore, Stored
from db.database import Database
from db.errors import DatabaseRefused, KeyMissing, KeysUnusable, PhotoMissing, Unsealable
from db.times import utc_now
from db.vault import PhotoVault
from db.vault_envelope import Envelope, context_of, is_envelope
from db.vault_index import PhotoRow
from db.vault_keys import KeyRing

T = TypeVar("T")

_AT_ONCE: Final = 200
_YOUNG: Final = timedelta(hours=1)
"""What is younger may be on its way: its row or its blob comes in a moment."""


_FEW_STRAYS: Final = 20
"""So many are swept whatever the database holds."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A photo that cannot be had.

    Attributes:
        photo: its id, or its blob's name where it has no row.
        reason: one sentence.

    """

    photo: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rotated:
    """What an exchange of keys did.

    Attributes:
        newest: the key that everything is wrapped with now, but for the faults.
        rewrapped: photos whose key was wrapped anew.
        resealed: photos of the first versions, which hung on the installation's secret, and have a key now.
        faults: photos that were left as they are.

    """

    newest: str
    rewrapped: int
    resealed: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at everything found.

    Attributes:
        photos: photos that were unsealed and are whole.
        strays: blobs without a row, older than an hour; ``sweep`` deletes them.
        faults: photos that are missing, or do not unseal.

    """

    photos: int
    strays: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Swept:
    """What was deleted that dead processes had left: rows without a blob, blobs without a row, drafts."""

    rows: int
    blobs: int
    drafts: int


@dataclass(slots=True)
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


class VaultCare:
    """For the operator's commands and the daily purge. One photo is in memory at a time."""

    def __init__(self, vault: PhotoVault, blobs: BlobStore, keys: KeyRing, database: Database) -> None:
        self._vault = vault
        self._blobs = blobs
        self._keys = keys
        self._secret = database.secret
        self._index = database.vault_index

    async def rotate(self, progress: Callable[[], object] = lambda: None) -> Rotated:
        """Wrap every photo's key with the ring's newest one. Stopped anywhere, it goes on where it was.

        The photos themselves are not encrypted anew, but for those of the first versions.

        Raises:
            KeysUnusable: the ring's newest key cannot be had.
            DatabaseUnavailable: the database or the storage cannot be used; what was done stays done.

        """
        newest = await asyncio.to_thread(self._keys.newest)
        tally = _Tally()
        async for row in self._rows(not_under=newest):
            try:
                tally.counts[await self._rotated(row, newest)] += 1
            except (PhotoMissing, KeyMissing, Unsealable) as error:
                tally.faults.append(Fault(row.id, str(error)))
            progress()
        return Rotated(newest, tally.counts["rewrapped"], tally.counts["resealed"], tuple(tally.faults))

    async def verify(self, progress: Callable[[], object] = lambda: None) -> Verified:
        """Unseal every photo, and look for blobs that no row has.

        Raises:
            DatabaseUnavailable: the database or the storage cannot be used.

        """
        tally = _Tally()
        async for row in self._rows():
            try:
                photo = await self._vault.read_row(row)
            except (PhotoMissing, KeysUnusable, Unsealable) as error:
                if await self._index.find(row.id) is not None:  # else it was deleted meanwhile
                    tally.faults.append(Fault(row.id, str(error)))
            else:
                if len(photo) == row.size:
                    tally.counts["photos"] += 1
                else:
                    tally.faults.append(Fault(row.id, f"{len(photo)} bytes, and its row says {row.size}"))
            progress()
        strays = [stray async for some in self._strays(utc_now()) for stray in some]
        return Verified(tally.counts["photos"], len(strays), tuple(tally.faults))

    async def sweep(self, now: datetime, *, even_most: bool = False) -> Swept:
        """Delete what processes that died left more than an hour ago.

        Raises:
            DatabaseRefused: most of what is there has no row, as where the database is another one; unless
                ``even_most``, no blob is deleted then.
            DatabaseUnavailable: something could not be deleted; the next sweep tries again.

        """
        # Rows first: a blob that had been written for one of them is then a stray, and goes below.
        rows = await self._index.drop_announced(now - _YOUNG)
        strays = [stray async for some in self._strays(now) for stray in some]
        kept = sum((await self._index.count_by_key()).values())
        if len(strays) > max(_FEW_STRAYS, kept) and not even_most:
            raise DatabaseRefused(
                f"{len(strays)} files in {self._blobs.place} belong to no photo of this database, which has {kept}: "
                "if it is the right database, `bunri vault sweep` deletes them"
            )
        for start in range(0, len(strays), _AT_ONCE):
            await asyncio.to_thread(self._blobs.delete, strays[start : start + _AT_ONCE])
        drafts = await asyncio.to_thread(self._blobs.drop_drafts, now - _YOUNG)
        return Swept(rows, len(strays), drafts)

    async def _rotated(self, row: PhotoRow, newest: str) -> str:
        done, key_id = await asyncio.to_thread(self._rewrite, row, newest)
        if not await self._index.rewrapped(row.id, key_id):
            await self._vault.drop_unless_wanted(row.blob)
        return done

    def _rewrite(self, row: PhotoRow, newest: str) -> tuple[str, str]:
        """What was done, and the key that the blob is under now."""
        blob = self._blobs.get(row.blob)
        if not is_envelope(blob):
            photo = self._secret.unseal(blob, context_of(row.blob))
            envelope = Envelope.seal(photo, row.blob, self._keys)
            self._blobs.put(row.blob, envelope.plain())
            return "resealed", envelope.key.key_id
        envelope = Envelope.read(blob)
        if envelope.key.key_id == newest:  # a rotation was stopped between the blob and its row
            return "rewrapped", newest
        envelope = envelope.rewrapped(row.blob, self._keys)
        self._blobs.put(row.blob, envelope.plain())
        return "rewrapped", envelope.key.key_id

    async def _rows(self, *, not_under: str | None = None) -> AsyncIterator[PhotoRow]:
        last = ""
        while rows := await self._index.after(last, _AT_ONCE, not_under=not_under):
            for row in rows:
                yield row
            last = rows[-1].id

    async def _strays(self, now: datetime) -> AsyncIterator[Sequence[str]]:
        """Blobs without a row and old enough, a few at a time."""
        listed = self._blobs.listed()
        while some := await asyncio.to_thread(_next, listed):
            old = [each.name for each in some if each.modified < now - _YOUNG]
            known = await self._index.blobs_among(old)
            strays = [name for name in old if name not in known]
            if strays:
                yield strays


def _next(listed: Iterator[Stored]) -> list[Stored]:
    return list(itertools.islice(listed, _AT_ONCE))
