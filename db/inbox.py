"""The inbox: what a platform handed over lies here before the platform is told that we have it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, select, update

from db.errors import Unsealable
from db.secret import Secret
from db.store import Store, insert_new
from db.tables import INBOX
from db.times import utc_now

logger = logging.getLogger(__name__)

UNSEALABLE: Final = "unsealable"
FORGOTTEN: Final = "forgotten"
_AT_ONCE: Final = 500
"""Rows a statement: databases limit the parameters of one."""


class EntryState(StrEnum):
    """What became of an entry. The value is what the database holds; it never changes."""

    RECEIVED = "received"
    ANSWERED = "answered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update as it came.

    Attributes:
        platform: of ``Platform``'s values.
        update_id: the platform's id of it, the same when the platform sends it again.
        payload: what is needed to answer it, photo by reference; sealed before it is stored.
        user_key: the pseudonym of the sender, so that ``Database.forget`` finds it; "" where there is none.

    """

    platform: str
    update_id: str
    payload: bytes
    user_key: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An update that is ours to answer.

    Attributes:
        id: its number in the inbox; later ones are higher.
        platform: where it came from.
        update_id: the platform's id of it.
        payload: as it arrived.
        attempts: how often it was taken up again after a restart: 0 when it is new.
        received_at: aware, UTC.

    """

    id: int
    platform: str
    update_id: str
    payload: bytes
    attempts: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How many entries of a platform are in which state, and since when the oldest unfinished one waits."""

    received: int = 0
    answered: int = 0
    failed: int = 0
    oldest_unfinished: datetime | None = None


class Inbox:
    """Entries: received, then answered or failed. The payload is erased with either."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._secret = secret

    async def receive(self, arrivals: Sequence[Arrival]) -> list[Entry]:
        """The new ones among them, in order; on disk when this returns. Those known already are dropped.

        Raises:
            DatabaseUnavailable: none of them was stored.

        """
        if not arrivals:
            return []
        now = utc_now()
        unique: dict[tuple[str, str], Arrival] = {}
        for arrival in arrivals:
            unique.setdefault((arrival.platform, arrival.update_id), arrival)
        rows = [
            {
                "platform": arrival.platform,
                "update_id": arrival.update_id,
                "user_key": arrival.user_key,
                "payload": self._secret.seal(arrival.payload, _context(arrival.platform, arrival.update_id)),
                "state": EntryState.RECEIVED.value,
                "attempts": 0,
                "received_at": now,
            }
            for arrival in unique.values()
        ]

        def insert(connection: Connection) -> dict[tuple[str, str], int]:
            statement = insert_new(INBOX, connection).returning(INBOX.c.id, INBOX.c.platform, INBOX.c.update_id)
            numbers: dict[tuple[str, str], int] = {}
            for start in range(0, len(rows), _AT_ONCE):
                for row in connection.execute(statement, rows[start : start + _AT_ONCE]):
                    numbers[row.platform, row.update_id] = row.id
            return numbers

        numbers = await self._store.write(insert, durable=True)
        return [
            Entry(numbers[key], arrival.platform, arrival.update_id, arrival.payload, 0, now)
            for key, arrival in unique.items()
            if key in numbers
        ]

    async def unfinished(self, platform: str) -> list[Entry]:
        """All that were received and neither answered nor failed, oldest first. Each call counts as an attempt.

        Those that cannot be unsealed are failed with the code "unsealable" and left out: the secret was changed.
        """

        def take_up(connection: Connection) -> Sequence[Row[Any]]:
            return connection.execute(_TAKE_UP, {"of_platform": platform}).all()

        entries: list[Entry] = []
        lost: list[int] = []
        for row in sorted(await self._store.write(take_up), key=lambda row: int(row.id)):
            try:
                payload = self._secret.unseal(row.payload, _context(row.platform, row.update_id))
            except Unsealable:
                lost.append(row.id)
            else:
                entries.append(Entry(row.id, row.platform, row.update_id, payload, row.attempts, row.received_at))
        if lost:
            logger.error(
                "%d unfinished entries of %s were sealed with another secret and are given up; "
                "was the secret file replaced?",
                len(lost),
                platform,
            )
            await self.failed(lost, UNSEALABLE)
        return entries

    async def waiting(self, ids: Sequence[int]) -> frozenset[int]:
        """Which of these are neither answered nor failed: their resident may have been forgotten meanwhile."""

        def look(connection: Connection) -> frozenset[int]:
            wanted = select(INBOX.c.id).where(INBOX.c.id.in_(ids), INBOX.c.state == EntryState.RECEIVED.value)
            return frozenset(connection.scalars(wanted))

        return await self._store.read(look)

    async def answered(self, ids: Sequence[int]) -> None:
        """These are done. Their payloads are erased."""
        await self._finish(ids, EntryState.ANSWERED, None)

    async def failed(self, ids: Sequence[int], code: str) -> None:
        """These are given up, for a reason of 32 characters or less. Their payloads are erased."""
        await self._finish(ids, EntryState.FAILED, code)

    async def counts(self, platform: str) -> InboxCounts:
        """How the inbox of a platform stands."""

        def count(connection: Connection) -> InboxCounts:
            by_state = (
                select(INBOX.c.state, func.count(), func.min(INBOX.c.received_at))
                .where(INBOX.c.platform == platform)
                .group_by(INBOX.c.state)
            )
            found = {state: (number, oldest) for state, number, oldest in connection.execute(by_state)}
            received, oldest = found.get(EntryState.RECEIVED, (0, None))
            return InboxCounts(
                received=received,
                answered=found.get(EntryState.ANSWERED, (0, None))[0],
                failed=found.get(EntryState.FAILED, (0, None))[0],
                oldest_unfinished=oldest,
            )

        return await self._store.read(count)

    async def _finish(self, ids: Sequence[int], state: EntryState, code: str | None) -> None:
        if not ids:
            return
        values = {"to_state": state.value, "to_code": code, "to_time": utc_now()}

        def finish(connection: Connection) -> None:
            for start in range(0, len(ids), _AT_ONCE):
                connection.execute(_FINISH, values | {"of_ids": list(ids[start : start + _AT_ONCE])})

        await self._store.write(finish)


_TAKE_UP: Final = (
    update(INBOX)
    .where(INBOX.c.platform == bindparam("of_platform"), INBOX.c.state == EntryState.RECEIVED.value)
    .values(attempts=INBOX.c.attempts + 1)
    .returning(
        INBOX.c.id,
        INBOX.c.platform,
        INBOX.c.update_id,
        INBOX.c.payload,
        INBOX.c.attempts,
        INBOX.c.received_at,
    )
)

_FINISH: Final = (
    update(INBOX)
    .where(INBOX.c.id.in_(bindparam("of_ids", expanding=True)), INBOX.c.state == EntryState.RECEIVED.value)
    .values(
        state=bindparam("to_state"),
        code=bindparam("to_code"),
        finished_at=bindparam("to_time"),
        payload=None,
        user_key="",
    )
)
"""What is finished stays as it is: an answer that comes after ``forget`` changes nothing."""


def _context(platform: str, update_id: str) -> bytes:
    return f"inbox:{platform}:{update_id}".encode()
