"""Which photos the vault keeps: one row each. The photos themselves are no part of the database."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from db.consents import agrees_in
from db.secret import Secret
from db.store import Store, insert_new
from db.tables import PHOTOS
from db.times import utc_now
from db.tombstones import bury

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PhotoTerms:
    """Whose photo it is, and under which terms it was given: see ``db.vault.CleanPhoto``."""

    query_id: str
    user_key: str
    platform: str
    licence: str
    consent_version: str
    permission: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """Where a photo is.

    Attributes:
        id: of the photo: 32 characters that nobody can guess.
        blob: its blob's name: of the pixels and the person; of older photos, the id.
        key_id: of the ring's key that its own key is wrapped with; None where the secret alone seals it.
        size: of the unsealed photo, in bytes; None until it is whole.

    """

    id: str
    blob: str
    key_id: str | None
    size: int | None


class VaultIndex:
    """Rows are written before the file and deleted after it, so that no file is ever without its row."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._secret = secret

    async def begin(self, blob: str, terms: PhotoTerms) -> PhotoRow | None:
        """Announce a photo; the row that is there already where this blob was announced or kept before.

        None where its resident does not agree, or no longer, to the version of the text that the terms name: nothing
        is written then. An announced one, whose writer may have died, is announced anew: its time and terms are these.
        """
        number = secrets.token_hex(16)
        values = {
            "at": utc_now(),
            "query_id": terms.query_id,
            "user_key": terms.user_key,
            "platform": terms.platform,
            "licence": terms.licence,
            "consent_version": terms.consent_version,
            "permission": terms.permission or None,
            "width": terms.width,
            "height": terms.height,
        }

        def begin(connection: Connection) -> PhotoRow | None:
            if not agrees_in(connection, terms.user_key, terms.consent_version):
                return None
            unfinished = update(PHOTOS).where(PHOTOS.c.blob == blob, PHOTOS.c.size.is_(None)).values(values)
            if not connection.execute(unfinished).rowcount:
                connection.execute(insert_new(PHOTOS, connection).values(id=number, blob=blob, **values))
            return _row(connection.execute(_ROWS.where(PHOTOS.c.blob == blob)).one())

        return await self._store.write(begin, durable=True)

    async def complete(self, number: str, size: int, key_id: str) -> bool:
        """The blob is there, this photo in it; False where it is not to be kept any more, and the blob must go.

        That is where the row was deleted meanwhile, and where its resident took their consent back: the row goes then.
        """
        terms = select(PHOTOS.c.user_key, PHOTOS.c.consent_version).where(PHOTOS.c.id == number)

        def complete(connection: Connection) -> bool:
            announced = connection.execute(terms).one_or_none()
            if announced is None:
                return False
            if not agrees_in(connection, announced.user_key, announced.consent_version):
                connection.execute(delete(PHOTOS).where(PHOTOS.c.id == number, PHOTOS.c.size.is_(None)))
                return False
            values = {"size": size, "key_id": key_id}
            return connection.execute(update(PHOTOS).where(PHOTOS.c.id == number).values(values)).rowcount == 1

        return await self._store.write(complete, durable=True)

    async def rewrapped(self, number: str, key_id: str) -> bool:
        """Its key is wrapped with this one now; False where the row was deleted meanwhile, and the blob must go."""

        def note(connection: Connection) -> bool:
            changed = update(PHOTOS).where(PHOTOS.c.id == number).values(key_id=key_id)
            return connection.execute(changed).rowcount == 1

        return await self._store.write(note)

    async def find(self, number: str) -> PhotoRow | None:
        """A kept photo; None where there is none of this id, or it is not whole."""

        def find(connection: Connection) -> PhotoRow | None:
            row = connection.execute(_ROWS.where(PHOTOS.c.id == number, PHOTOS.c.size.is_not(None))).one_or_none()
            return None if row is None else _row(row)

        return await self._store.read(find)

    async def of(self, user_key: str) -> list[PhotoRow]:
        """Their photos, announced ones too."""

        def find(connection: Connection) -> list[PhotoRow]:
            return [_row(row) for row in connection.execute(_ROWS.where(PHOTOS.c.user_key == user_key))]

        return await self._store.read(find)

    async def count_of(self, user_key: str) -> int:
        """How many photos of theirs are kept."""

        def count(connection: Connection) -> int:
            kept = select(func.count()).where(PHOTOS.c.user_key == user_key, PHOTOS.c.size.is_not(None))
            return connection.scalar(kept) or 0

        return await self._store.read(count)

    async def unreviewed_before(self, moment: datetime) -> list[PhotoRow]:
        """The photos that are older than this and that nobody reviewed."""

        def find(connection: Connection) -> list[PhotoRow]:
            old = _ROWS.where(PHOTOS.c.at < moment, PHOTOS.c.reviewed_at.is_(None))
            return [_row(row) for row in connection.execute(old)]

        return await self._store.read(find)

    async def claim_unreviewed(self, numbers: Sequence[str]) -> frozenset[str]:
        """Of these rows, those that nobody reviewed by now, which are no photos from here on: only announced.

        No label is taken for such a row, so that none is lost with it. ``delete`` or ``give_back`` is next; where
        neither comes, a sweep deletes row and blob.
        """
        wanted = (PHOTOS.c.id.in_(list(numbers)), PHOTOS.c.reviewed_at.is_(None))

        def claim(connection: Connection) -> frozenset[str]:
            return frozenset(connection.scalars(update(PHOTOS).where(*wanted).values(size=None).returning(PHOTOS.c.id)))

        return await self._store.write(claim, durable=True)

    async def give_back(self, rows: Sequence[PhotoRow]) -> None:
        """These claimed rows are photos again."""

        def give_back(connection: Connection) -> None:
            for row in rows:
                claimed = update(PHOTOS).where(PHOTOS.c.id == row.id, PHOTOS.c.size.is_(None))
                connection.execute(claimed.values(size=row.size))

        await self._store.write(give_back, durable=True)

    async def after(self, number: str, most: int, *, not_under: str | None = None) -> list[PhotoRow]:
        """The next kept photos by id, "" before the first; only those not under this key, where one is given."""
        wanted = _ROWS.where(PHOTOS.c.id > number, PHOTOS.c.size.is_not(None)).order_by(PHOTOS.c.id).limit(most)
        if not_under is not None:
            wanted = wanted.where(or_(PHOTOS.c.key_id.is_(None), PHOTOS.c.key_id != not_under))

        def find(connection: Connection) -> list[PhotoRow]:
            return [_row(row) for row in connection.execute(wanted)]

        return await self._store.read(find)

    async def blobs_among(self, blobs: Iterable[str]) -> frozenset[str]:
        """Those of these blobs that have a row, announced ones too."""
        names = list(blobs)

        def find(connection: Connection) -> list[str]:
            found: list[str] = []
            for start in range(0, len(names), _AT_ONCE):
                some = select(PHOTOS.c.blob).where(PHOTOS.c.blob.in_(names[start : start + _AT_ONCE]))
                found.extend(connection.scalars(some))
            return found

        return frozenset(await self._store.read(find))

    async def count_by_key(self) -> dict[str | None, int]:
        """How many photos are kept under each of the ring's keys; None: under the secret alone."""

        def count(connection: Connection) -> dict[str | None, int]:
            kept = select(PHOTOS.c.key_id, func.count()).where(PHOTOS.c.size.is_not(None)).group_by(PHOTOS.c.key_id)
            return {row[0]: row[1] for row in connection.execute(kept)}

        return await self._store.read(count)

    async def drop_announced(self, before: datetime) -> int:
        """Delete the rows that were announced before this moment and whose photos never came; how many."""

        def drop(connection: Connection) -> int:
            dead = delete(PHOTOS).where(PHOTOS.c.size.is_(None), PHOTOS.c.at < before)
            return connection.execute(dead).rowcount

        return await self._store.write(drop)

    async def delete(self, numbers: Sequence[str], *, with_tombstones: bool) -> int:
        """Delete these rows, whose files are gone; how many of them had a file."""

        def remove(connection: Connection) -> int:
            removed = 0
            for start in range(0, len(numbers), _AT_ONCE):
                some = numbers[start : start + _AT_ONCE]
                statement = delete(PHOTOS).where(PHOTOS.c.id.in_(some)).returning(PHOTOS.c.size)
                removed += sum(size is not None for size in connection.scalars(statement))
            if with_tombstones:
                bury(connection, self._secret, "photo", numbers, utc_now())
            return removed

        return await self._store.write(remove, durable=True)


_ROWS = select(PHOTOS.c.id, PHOTOS.c.blob, PHOTOS.c.key_id, PHOTOS.c.size)


def _row(row: Row[Any, Any, Any, Any]) -> PhotoRow:
    return PhotoRow(row.id, row.blob, row.key_id, row.size)
