"""Whether a resident allows that their photos are kept: every word they said on it, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from db.store import Store, insert_new
from db.tables import CONSENTS
from db.times import utc_now


class ConsentState(StrEnum):
    """How it stands. The value is what the database holds; it never changes."""

    UNASKED = "unasked"
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Consent:
    """How it stands with somebody: since when (aware, UTC), and under which version of the text."""

    state: ConsentState = ConsentState.UNASKED
    version: str | None = None
    at: datetime | None = None


class Consents:
    """The history of consent. Rows are added, never changed; only ``Database.forget`` deletes them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def state(self, user_key: str) -> Consent:
        """How it stands: the newest answer, else whether they were asked."""
        history = await self.history(user_key)
        return history[-1] if history else Consent()

    async def history(self, user_key: str) -> tuple[Consent, ...]:
        """All of it, oldest first."""
        return await self._store.read(lambda connection: consents_of(connection, user_key))

    async def asked(self, user_key: str, platform: str, version: str) -> bool:
        """Whether to ask them now: True once, for whoever never was asked and never answered. Noted at once.

        Of several calls at the same time one gets True.
        """
        row = _row(user_key, platform, version, ConsentState.ASKED)

        def ask(connection: Connection) -> bool:
            known = connection.execute(select(CONSENTS.c.id).where(CONSENTS.c.user_key == user_key).limit(1)).first()
            if known is not None:
                return False
            # Two processes may both have come as far as here: the unique index decides.
            return (
                connection.execute(insert_new(CONSENTS, connection).returning(CONSENTS.c.id), row).first() is not None
            )

        return await self._store.write(ask)

    async def record(self, user_key: str, platform: str, version: str, given: bool) -> None:
        """What they answered."""
        row = _row(user_key, platform, version, ConsentState.GIVEN if given else ConsentState.REFUSED)

        def record(connection: Connection) -> None:
            connection.execute(insert(CONSENTS), row)

        await self._store.write(record, durable=True)


def consents_of(connection: Connection, user_key: str) -> tuple[Consent, ...]:
    """Their history, oldest first, read in this transaction."""
    rows = connection.execute(
        select(CONSENTS.c.state, CONSENTS.c.version, CONSENTS.c.at)
        .where(CONSENTS.c.user_key == user_key)
        .order_by(CONSENTS.c.id)
    ).all()
    return tuple(Consent(ConsentState(row.state), row.version, row.at) for row in rows)


def agrees_in(connection: Connection, user_key: str, version: str) -> bool:
    """Whether their newest word, read in this transaction, is a yes to this version of the text."""
    newest = select(CONSENTS.c.state, CONSENTS.c.version).where(CONSENTS.c.user_key == user_key)
    said = connection.execute(newest.order_by(CONSENTS.c.id.desc()).limit(1)).one_or_none()
    return said is not None and (said.state, said.version) == (ConsentState.GIVEN.value, version)


def _row(user_key: str, platform: str, version: str, state: ConsentState) -> dict[str, object]:
    return {
        "at": utc_now(),
        "user_key": user_key,
        "platform": str(platform),
        "version": version,
        "state": state.value,
    }
