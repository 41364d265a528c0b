"""Which exports there were, of what, and by whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from sqlalchemy import Connection, select, update

from db.audit import Deed, note_deed
from db.counting_labels import IS_REJECTED
from db.exporting.candidates import Candidate, person_in, read_candidates
from db.exporting.request import ExportRequest
from db.secret import Secret
from db.store import Store, insert_new
from db.tables import EXPORT_ITEMS, EXPORTS, PHOTOS
from db.times import utc_now

_AT_ONCE: Final = 500
_PEOPLE: Final = 10_000
"""Residents whose group in an export is remembered: the same one comes many times."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it was noted. ``finished_at``, ``counts`` and ``manifest_sha256`` are None until it is whole."""

    id: str
    at: datetime
    actor: str
    reason: str
    request: Mapping[str, Any]
    finished_at: datetime | None
    counts: Mapping[str, Any] | None
    manifest_sha256: str | None


class Exports:
    """All exports."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._person = lru_cache(maxsize=_PEOPLE)(partial(person_in, secret))

    async def begin(self, export_id: str, at: datetime, deed: Deed) -> None:
        """Note that it begins, or goes on, with its audit row; on disk when this returns."""
        row = {"id": export_id, "at": at, "actor": deed.actor, "reason": deed.reason, "request": dict(deed.detail)}

        def begin(connection: Connection) -> None:
            added = insert_new(EXPORTS, connection).returning(EXPORTS.c.id)
            is_new = connection.execute(added, row).first() is not None
            detail = {**deed.detail, "export": export_id, "resumed": not is_new}
            note_deed(connection, Deed(deed.actor, deed.action, deed.reason, detail))

        await self._store.write(begin, durable=True)

    async def candidates(
        self, request: ExportRequest, started: datetime, after: str, export_id: str
    ) -> list[Candidate]:
        """The next page of photos that are asked for, behind this id; empty behind the last."""
        return await self._store.read(
            lambda connection: read_candidates(connection, request, started, after, partial(self._person, export_id))
        )

    async def note_items(self, export_id: str, items: Iterable[tuple[str, bool]]) -> None:
        """Which photos left, and which of them were drawn at random; those that are gone by now are left out."""
        drawn = dict(items)

        def note(connection: Connection) -> None:
            # Held against deletion alone: who labels them meanwhile need not wait.
            held = select(PHOTOS.c.id).where(PHOTOS.c.id.in_(drawn)).order_by(PHOTOS.c.id)
            kept = connection.scalars(held.with_for_update(read=True, key_share=True)).all()
            rows = [{"photo_id": each, "export_id": export_id, "is_random": drawn[each]} for each in kept]
            if rows:
                connection.execute(insert_new(EXPORT_ITEMS, connection), rows)

        await self._store.write(note)

    async def note(self, deed: Deed) -> None:
        """Write an audit row alone: what is done with an export that is whole already."""
        await self._store.write(lambda connection: note_deed(connection, deed), durable=True)

    async def finish(self, export_id: str, counts: Mapping[str, Any], manifest_sha256: str) -> None:
        """Note that it is whole."""
        done = {"finished_at": utc_now(), "counts": dict(counts), "manifest_sha256": manifest_sha256}

        def finish(connection: Connection) -> None:
            connection.execute(
                update(EXPORTS).where(EXPORTS.c.id == export_id, EXPORTS.c.finished_at.is_(None)).values(done)
            )

        await self._store.write(finish, durable=True)

    async def get(self, export_id: str) -> Export | None:
        """The export of this id."""

        def get(connection: Connection) -> Export | None:
            row = connection.execute(select(EXPORTS).where(EXPORTS.c.id == export_id)).one_or_none()
            return None if row is None else Export(**row._mapping)

        return await self._store.read(get)

    async def kept(self, photos: Sequence[str]) -> frozenset[str]:
        """Those of these photos that are still there, and that nobody rejected meanwhile."""

        def find(connection: Connection) -> frozenset[str]:
            found: set[str] = set()
            for start in range(0, len(photos), _AT_ONCE):
                some = photos[start : start + _AT_ONCE]
                found.update(
                    connection.scalars(
                        select(PHOTOS.c.id).where(PHOTOS.c.id.in_(some), PHOTOS.c.size.is_not(None), ~IS_REJECTED)
                    )
                )
            return frozenset(found)

        return await self._store.read(find)
