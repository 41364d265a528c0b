"""Which photos the vault keeps: one row each. The photos themselves are no part of the database."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from db.secret import Secret
from db.store import Store
from db.tables import PHOTOS
from db.times import utc_now
from db.tombstones import bury

_AT_ONCE = 500


class VaultIndex:
    """Rows are written before the file and deleted after it, so that no file is ever without its row."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._secret = secret

    async def begin(self, *, query_id: str, user_key: str, platform: str, licence: str) -> str:
        """Announce a photo; its id, which is its file's name: 32 characters that nobody can guess."""
        number = secrets.token_hex(16)
        row = {
            "id": number,
            "at": utc_now(),
            "query_id": query_id,
            "user_key": user_key,
            "platform": str(platform),
            "licence": licence,
        }

        def begin(connection: Connection) -> None:
            connection.execute(insert(PHOTOS), row)

        await self._store.write(begin, durable=True)
        return number

    async def complete(self, number: str, size: int) -> bool:
        """The file is there, this many bytes; False where the row was deleted meanwhile, and the file must go."""

        def complete(connection: Connection) -> bool:
            return connection.execute(update(PHOTOS).where(PHOTOS.c.id == number).values(size=size)).rowcount == 1

        return await self._store.write(complete)

    async def count_of(self, user_key: str) -> int:
        """How many photos of theirs are kept."""

        def count(connection: Connection) -> int:
            kept = select(func.count()).where(PHOTOS.c.user_key == user_key, PHOTOS.c.size.is_not(None))
            return connection.scalar(kept) or 0

        return await self._store.read(count)

    async def of(self, user_key: str) -> list[str]:
        """The ids of their photos, announced ones too."""

        def find(connection: Connection) -> list[str]:
            return list(connection.scalars(select(PHOTOS.c.id).where(PHOTOS.c.user_key == user_key)))

        return await self._store.read(find)

    async def unreviewed_before(self, moment: datetime) -> list[str]:
        """The ids of the photos that are older than this and that nobody reviewed."""

        def find(connection: Connection) -> list[str]:
            old = select(PHOTOS.c.id).where(PHOTOS.c.at < moment, PHOTOS.c.reviewed_at.is_(None))
            return list(connection.scalars(old))

        return await self._store.read(find)

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
