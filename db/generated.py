"""Fingerprints of the pictures that Bunri made, so that none of them is ever taken for a photo."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, insert, select

from db.fingerprints import Fingerprints
from db.store import Store
from db.tables import GENERATED
from db.times import utc_now

_OUT_OF_ORDER: Final = 64
"""Rows by which a transaction may lag behind one that began after it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that was made: its label, its seed, and its fingerprint, 280 hexadecimal digits."""

    label: str
    seed: int
    fingerprint: str


class Generated:
    """What was made. The fingerprints are held in memory; those of other processes are read when needed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = Fingerprints()
        self._last = 0
        self._reading = asyncio.Lock()

    async def add(self, pictures: Sequence[Made]) -> None:
        """Note them; one that is known already, a picture made again, is not noted twice."""
        await self._refresh()
        new = {each.fingerprint: each for each in pictures if each.fingerprint not in self._known}
        rows = [
            {"at": utc_now(), "label": each.label, "seed": each.seed, "fingerprint": each.fingerprint}
            for each in new.values()
        ]
        if rows:
            await self._store.write(lambda connection: connection.execute(insert(GENERATED), rows) and None)
            self._known.add(new)

    async def holds(self, fingerprint: str, most_different: int, most_off: float) -> bool:
        """Whether one of them differs from this in so many bits, and by so many levels in the mean, at most."""
        await self._refresh()
        return await asyncio.to_thread(self._known.has_like, fingerprint, most_different, most_off)

    async def _refresh(self) -> None:
        """Read what has come since the last time."""
        async with self._reading:
            # Rows of other processes may become visible out of order, so that the latest are looked at again.
            since = self._last - _OUT_OF_ORDER

            def newer(connection: Connection) -> list[tuple[int, str]]:
                wanted = select(GENERATED.c.id, GENERATED.c.fingerprint).where(GENERATED.c.id > since)
                return [(row.id, row.fingerprint) for row in connection.execute(wanted.order_by(GENERATED.c.id))]

            found = await self._store.read(newer)
            if found:
                self._last = max(self._last, found[-1][0])
                await asyncio.to_thread(self._known.add, [fingerprint for _, fingerprint in found])

    async def count(self) -> int:
        """How many there are."""
        return await self._store.read(
            lambda connection: connection.scalar(select(func.count()).select_from(GENERATED)) or 0
        )
