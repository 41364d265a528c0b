"""How many photos are kept under keys, for those who have neither the secret nor a reason to open the database."""

import asyncio
from pathlib import Path

from sqlalchemy import URL, func, select

from db.address import is_sqlite, read_address
from db.migrate import connected
from db.revision import HEAD, revision_in
from db.tables import PHOTOS


async def count_under_keys(url: str) -> int:
    """How many kept photos hang on keys of the ring; 0 where the tables are not there or of another version.

    Raises:
        DatabaseUnavailable: the database cannot be reached.

    """
    return await asyncio.to_thread(_count, read_address(url))


def _count(address: URL) -> int:
    if is_sqlite(address) and not Path(str(address.database)).exists():
        return 0
    with connected(address) as connection, connection.begin():
        if revision_in(connection) != HEAD:
            return 0
        kept = select(func.count()).where(PHOTOS.c.size.is_not(None), PHOTOS.c.key_id.is_not(None))
        return int(connection.execute(kept).scalar_one())
