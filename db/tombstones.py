"""What was deleted at a resident's wish, by a keyed hash of its id, so that no copy of it is taken in again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from db.secret import Secret
from db.store import Store, insert_new
from db.tables import TOMBSTONES

_AT_ONCE = 500


class Tombstones:
    """Which items are gone for good."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._secret = secret

    async def among(self, kind: str, items: Iterable[str]) -> frozenset[str]:
        """Those of these items ("query", "photo") that were deleted at a resident's wish."""
        by_key = {self._secret.item_key(kind, item): item for item in items}
        keys = list(by_key)

        def find(connection: Connection) -> list[str]:
            found: list[str] = []
            for start in range(0, len(keys), _AT_ONCE):
                some = select(TOMBSTONES.c.item_key).where(TOMBSTONES.c.item_key.in_(keys[start : start + _AT_ONCE]))
                found.extend(connection.scalars(some))
            return found

        return frozenset(by_key[key] for key in await self._store.read(find))


def bury(connection: Connection, secret: Secret, kind: str, items: Iterable[str], at: datetime) -> None:
    """Write tombstones, in this transaction."""
    rows = [{"item_key": secret.item_key(kind, item), "kind": kind, "at": at} for item in items]
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(insert_new(TOMBSTONES, connection), rows[start : start + _AT_ONCE])
