"""Fingerprints of the pictures that Bunri made, so that none of them is ever taken for a photo."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from db.store import Store
from db.tables import GENERATED
from db.times import utc_now


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that was made: its label, its seed, and its fingerprint, 64 hexadecimal digits."""

    label: str
    seed: int
    fingerprint: str


class Generated:
    """What was made. The fingerprints are held in memory, 32 bytes each; other processes' are read when needed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: list[int] = []
        self._last = 0

    async def add(self, pictures: Sequence[Made]) -> None:
        """Note them."""
        rows = [
            {"at": utc_now(), "label": each.label, "seed": each.seed, "fingerprint": each.fingerprint}
            for each in pictures
        ]
        if rows:
            await self._store.write(lambda connection: connection.execute(insert(GENERATED), rows) and None)

    async def holds(self, fingerprint: str, most_different: int) -> bool:
        """Whether one of them differs from this in so many bits at most."""
        last = self._last

        def newer(connection: Connection) -> list[tuple[int, str]]:
            wanted = select(GENERATED.c.id, GENERATED.c.fingerprint).where(GENERATED.c.id > last)
            return [(row.id, row.fingerprint) for row in connection.execute(wanted.order_by(GENERATED.c.id))]

        for number, known in await self._store.read(newer):
            if number > self._last:
                self._last = number
                self._known.append(int(known, 16))
        asked = int(fingerprint, 16)
        return any((asked ^ known).bit_count() <= most_different for known in self._known)

    async def count(self) -> int:
        """How many there are."""
        return await self._store.read(
            lambda connection: connection.scalar(select(func.count()).select_from(GENERATED)) or 0
        )
