"""What residents chose: a language, a place."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from db.store import Store, upsert_into
from db.tables import RESIDENTS
from db.times import utc_now


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody chose; None where they did not."""

    language: str | None = None
    region: str | None = None


class Residents:
    """What is remembered of residents, by pseudonym. Of "" (somebody unknown) nothing is."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, user_key: str) -> Preferences:
        """What they chose."""
        if not user_key:
            return Preferences()
        return await self._store.read(lambda connection: preferences_of(connection, user_key))

    async def set_language(self, user_key: str, language: str) -> None:
        """They read this from now on."""
        await self._set(user_key, {"language": language})

    async def set_region(self, user_key: str, region: str) -> None:
        """They throw things away there from now on."""
        await self._set(user_key, {"region": region})

    async def _set(self, user_key: str, choice: dict[str, str]) -> None:
        if not user_key:
            return
        values = {**choice, "changed_at": utc_now()}

        def remember(connection: Connection) -> None:
            statement = upsert_into(RESIDENTS, connection).values(user_key=user_key, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["user_key"], set_=values))

        await self._store.write(remember)


def preferences_of(connection: Connection, user_key: str) -> Preferences:
    """What they chose, read in this transaction."""
    row = connection.execute(
        select(RESIDENTS.c.language, RESIDENTS.c.region).where(RESIDENTS.c.user_key == user_key)
    ).one_or_none()
    return Preferences() if row is None else Preferences(row.language, row.region)
