"""Which photos somebody may see and say something of: those that the queue would show them, no others by an id."""

from dataclasses import replace
from typing import Final

from bots.web.admin.sessions import Session
from db.database import Database
from db.errors import PhotoForgotten, PhotoMissing, PhotoRejected
from db.exporting.request import ExportRequest
from db.times import utc_now

_NO_GROUPS: Final = ""


class Sight:
    """Says which."""

    def __init__(self, database: Database, *, with_discord: bool) -> None:
        self._database = database
        self._everything = ExportRequest(with_discord=with_discord)

    async def check(self, photo_id: str, session: Session) -> None:
        """Whether they may.

        What somebody rejected in this very stay they may look at again, to take that back.

        Raises:
            PhotoRejected: somebody found it of no use.
            PhotoForgotten: it was deleted at its resident's wish.
            PhotoMissing: it is not kept, or no longer, or may not be shown.
            DatabaseError: the database does not answer.

        """
        if photo_id in session.rejected or await self._is_queued(photo_id):
            return
        words = await self._database.labels.of(photo_id)
        if any(each.rejected is not None and each.withdrawn_at is None for each in words):
            raise PhotoRejected("somebody found this photo of no use")
        if await self._database.tombstones.among("photo", [photo_id]):
            raise PhotoForgotten("the photo was deleted at its resident's wish")
        raise PhotoMissing("no photo of this id may be shown")

    async def _is_queued(self, photo_id: str) -> bool:
        one = replace(self._everything, items=(photo_id,))
        return bool(await self._database.exports.candidates(one, utc_now(), "", _NO_GROUPS))
