"""Who did what with residents' photos, and why. Rows are only added: the database itself refuses anything else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from db.store import Store
from db.tables import AUDIT
from db.times import utc_now


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that an operator's person did.

    Attributes:
        actor: their name in the settings.
        action: "export", "import"; of the admin page also "admin-login", "admin-refused", "admin-logout".
        reason: their own words.
        detail: what was asked for; no resident's data.
        at: aware; None for now.

    """

    actor: str
    action: str
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


class Audit:
    """All deeds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, deed: Deed) -> None:
        """Write it; on disk when this returns."""
        await self._store.write(lambda connection: note_deed(connection, deed), durable=True)

    async def newest(self, limit: int = 100) -> list[Deed]:
        """The latest, newest first."""

        def read(connection: Connection) -> list[Deed]:
            rows = connection.execute(select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit))
            return [Deed(row.actor, row.action, row.reason, row.detail, row.at) for row in rows]

        return await self._store.read(read)


def note_deed(connection: Connection, deed: Deed) -> None:
    """Write it, in this transaction."""
    connection.execute(
        insert(AUDIT),
        {
            "at": deed.at or utc_now(),
            "actor": deed.actor,
            "action": deed.action,
            "reason": deed.reason,
            "detail": dict(deed.detail),
        },
    )
