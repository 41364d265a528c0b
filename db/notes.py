"""Small facts of operation that survive a restart, such as which commands were last announced to a platform."""

from sqlalchemy import Connection, select

from db.store import Store, upsert_into
from db.tables import NOTES
from db.times import utc_now


class Notes:
    """Texts by key. A key has at most 64 characters, a value at most 1024; nothing of a resident belongs here."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, key: str) -> str | None:
        """What was noted; None where nothing was."""

        def get(connection: Connection) -> str | None:
            return connection.scalar(select(NOTES.c.value).where(NOTES.c.key == key))

        return await self._store.read(get)

    async def set(self, key: str, value: str) -> None:
        """Note it, in place of what was noted before."""
        values = {"value": value, "at": utc_now()}

        def note(connection: Connection) -> None:
            statement = upsert_into(NOTES, connection).values(key=key, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))

        await self._store.write(note)
