"""What residents report to the operator, sealed: it is free text, and may say anything about anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from db.errors import Unsealable
from db.query_id import new_query_id
from db.secret import Secret
from db.store import Store
from db.tables import REPORTS
from db.times import utc_now


@dataclass(frozen=True, slots=True)
class Report:
    """A resident's report.

    Attributes:
        id: eight characters, for the operator and the resident to speak of it.
        at: aware, UTC.
        user_key: who wrote it, by pseudonym.
        platform: where.
        query_id: the answer that it is about, if it is about one.
        text: what they wrote; None where it was sealed with another secret.

    """

    id: str
    at: datetime
    user_key: str
    platform: str
    query_id: str | None
    text: str | None


class Reports:
    """All reports."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._secret = secret

    async def add(self, user_key: str, platform: str, query_id: str | None, text: str) -> str:
        """Keep it, on disk when this returns; its id."""
        number = new_query_id()
        row = {
            "id": number,
            "at": utc_now(),
            "user_key": user_key,
            "platform": str(platform),
            "query_id": query_id,
            "sealed": self._secret.seal(text.encode(), _context(number)),
        }

        def add(connection: Connection) -> None:
            connection.execute(insert(REPORTS), row)

        await self._store.write(add, durable=True)
        return number

    async def all(self) -> list[Report]:
        """All of them, oldest first."""

        def read(connection: Connection) -> Sequence[Row[Any]]:
            return connection.execute(select(REPORTS).order_by(REPORTS.c.at, REPORTS.c.id)).all()

        return [report_of(row, self._secret) for row in await self._store.read(read)]


def report_of(row: Row[Any], secret: Secret) -> Report:
    """A report, unsealed where that is possible."""
    try:
        text = secret.unseal(row.sealed, _context(row.id)).decode()
    except Unsealable:
        text = None
    return Report(row.id, row.at, row.user_key, row.platform, row.query_id, text)


def _context(number: str) -> bytes:
    return f"report:{number}".encode()
