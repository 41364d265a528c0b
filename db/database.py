"""The database as the rest of Bunri sees it."""

import logging
from datetime import datetime
from typing import Final, Self

from sqlalchemy import URL, Connection

from db.address import is_sqlite, make_file, read_address, shown
from db.audit import Audit
from db.consents import Consents
from db.exports import Exports
from db.feedback import Feedback
from db.forgetting import Forgotten, forget_in
from db.generated import Generated
from db.inbox import Inbox
from db.labels import Labels
from db.my_data import MyData, my_data_in
from db.notes import Notes
from db.queries import QueryLog
from db.reports import Reports
from db.residents import Residents
from db.retention import Purged, Retention, purge_before
from db.reviews import Reviews
from db.revision import revision_in, unlike_head
from db.secret import Secret
from db.sqlite_store import SqliteStore
from db.store import Store
from db.times import utc_now
from db.tombstones import Tombstones
from db.vault_index import VaultIndex

logger = logging.getLogger(__name__)

_FINGERPRINT: Final = "secret"
"""The note that tells whether the secret is the one that the database was written with."""


class Database:
    """Everything that is kept, by subject. Made by ``open``; the tables are made before, by ``migrate.upgrade``.

    Attributes:
        has_its_secret: False where the database was written with another secret before: pseudonyms are then new
            ones, and what was sealed is lost.

    """

    def __init__(self, store: Store, secret: Secret, *, has_its_secret: bool = True) -> None:
        """For ``open``."""
        self._store = store
        self.secret = secret
        self.has_its_secret = has_its_secret
        self.inbox = Inbox(store, secret)
        self.queries = QueryLog(store)
        self.feedback = Feedback(store)
        self.residents = Residents(store)
        self.consents = Consents(store)
        self.reports = Reports(store, secret)
        self.notes = Notes(store)
        self.generated = Generated(store)
        self.tombstones = Tombstones(store, secret)
        self.audit = Audit(store)
        self.exports = Exports(store, secret)
        self.labels = Labels(store, secret)
        self.reviews = Reviews(store, secret)
        self.vault_index = VaultIndex(store, secret)

    @classmethod
    async def open(cls, url: str, secret: Secret) -> Self:
        """Connect, and see that the tables are those of this version.

        Args:
            url: ``sqlite:///data/bunri.sqlite3`` or ``postgresql+psycopg://user:password@host/name``.
            secret: for pseudonyms and seals; the same one each time.

        Raises:
            DatabaseUnavailable: it cannot be reached or written.
            DatabaseOutdated: its tables are older or newer: ``migrate.upgrade`` first.

        """
        address = read_address(url)
        store = _store(address)
        try:
            wrong = unlike_head(await store.read(revision_in), shown(address))
            if wrong is not None:
                raise wrong
            has_its_secret = await _is_known(store, secret)
        except BaseException:
            await store.close()
            raise
        if not has_its_secret:
            logger.error(
                "the database %s was written with another secret: restore the former secret file, or know that "
                "residents count as new ones and that sealed messages, reports and photos are lost",
                shown(address),
            )
        return cls(store, secret, has_its_secret=has_its_secret)

    async def close(self) -> None:
        """Finish what was begun and disconnect. A second call does nothing."""
        await self._store.close()

    async def forget(self, user_key: str) -> Forgotten:
        """Delete all that bears this pseudonym; what was deleted. Kept photos are deleted first, by their vault."""
        if not user_key:
            return Forgotten()

        def forget(connection: Connection) -> Forgotten:
            return forget_in(connection, self.secret, user_key, utc_now())

        forgotten = await self._store.write(forget, durable=True)
        await self._store.scrub()
        return forgotten

    async def my_data(self, user_key: str) -> MyData:
        """Everything that is stored under this pseudonym."""
        return await self._store.read(lambda connection: my_data_in(connection, self.secret, user_key))

    async def purge(self, now: datetime, retention: Retention) -> Purged:
        """Delete what is older than it may be at this aware time; how much that was."""
        purged = await self._store.write(lambda connection: purge_before(connection, now, retention))
        await self._store.scrub()
        return purged


def _store(address: URL) -> Store:
    if is_sqlite(address):
        make_file(address)
        return SqliteStore(address)
    from db.postgres_store import PostgresStore

    return PostgresStore(address)


async def _is_known(store: Store, secret: Secret) -> bool:
    """Whether this is the database's secret; the first one ever seen becomes it."""
    notes = Notes(store)
    known = await notes.get(_FINGERPRINT)
    if known is None:
        await notes.set(_FINGERPRINT, secret.fingerprint)
        return True
    return known == secret.fingerprint


__all__ = ["Database", "Forgotten", "MyData", "Purged", "Retention"]
