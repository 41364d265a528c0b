"""An export that leaves by the browser: made by the same code as ``bunri export``, then sent as a zip, then gone."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aiohttp import web

from bots.web.admin.bodies import ExportBody
from bots.web.admin.house import AdminHouse
from bots.web.admin.people import AdminPerson
from bots.web.admin.scratch import Scratch
from bots.web.admin.zip_stream import Piece, zipped
from bots.web.errors import Refusal, RequestRefusedError
from db import reasons
from db.errors import DatabaseError, PhotoMissing
from db.exporting.run import export

_SILENT_S: Final = 60.0
"""A client that takes nothing for so long has gone."""

_LATER: Final = 30.0

_PHOTO: Final = ".jpg"
"""Every format names a photo's file by its id and this."""

_log = logging.getLogger(__name__)


class _ClientGone(Exception):
    """Nobody waits for this export any more."""


class Downloads:
    """Makes and sends exports, one at a time."""

    def __init__(self, house: AdminHouse) -> None:
        self._house = house
        self._turn = asyncio.Lock()

    async def send(self, request: web.Request, wanted: ExportBody, person: AdminPerson) -> web.StreamResponse:
        """Make the export and send it; the folder it was made in is deleted, however this ends.

        The audit row is written by the export, before it opens a photo.

        Raises:
            RequestRefusedError: they may not, gave no reason, no photo matches, somebody else's export is in the
                making, or it could not be made.

        """
        if not person.may_export:
            raise RequestRefusedError(Refusal.NOT_ALLOWED)
        reason = reasons.tidy(wanted.reason)
        if reason is None:
            raise RequestRefusedError(Refusal.NO_REASON)
        if self._turn.locked():
            raise RequestRefusedError(Refusal.EXPORTING, retry_after=_LATER)
        async with self._turn:
            try:
                scratch = await asyncio.to_thread(Scratch, self._house.scratch)
                try:
                    name = await self._made(request, wanted, person, reason, scratch)
                    return await self._sent(request, scratch, name)
                finally:
                    # Goes on where this is cancelled: the program waits for its threads before it ends.
                    await asyncio.shield(asyncio.create_task(asyncio.to_thread(_released, scratch)))
            except (DatabaseError, OSError) as error:
                _log.error("an export for the admin page could not be made: %s", error)
                raise RequestRefusedError(Refusal.UNFINISHED) from error
            except _ClientGone:
                raise RequestRefusedError(Refusal.UNFINISHED) from None

    async def _made(
        self, request: web.Request, wanted: ExportBody, person: AdminPerson, reason: str, scratch: Scratch
    ) -> str:
        """The name of the file that is to be sent, once the export is whole."""
        most = self._house.most_exported
        asked = wanted.filters.request(
            with_discord=self._house.with_discord, form=wanted.format, limit=min(wanted.limit or most, most)
        )

        def look(_done: int, _of: int) -> None:
            if request.transport is None or request.transport.is_closing():
                raise _ClientGone

        report = await export(scratch.export, asked, person.name, reason, self._house.around, look)
        if not report.counts["photos"]:
            raise RequestRefusedError(Refusal.NO_PHOTOS)
        return f"bunri-{report.export_id[:8]}.zip"

    async def _sent(self, request: web.Request, scratch: Scratch, name: str) -> web.StreamResponse:
        """The export as a zip, but for the answer's end: that is aiohttp's to send, once nothing of it is left here.

        What goes wrong from the first byte on cannot be said any more: the connection breaks.
        """
        answer = web.StreamResponse()
        answer.content_type = "application/zip"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        await answer.prepare(request)
        try:
            async with asyncio.timeout(self._house.download_seconds):
                await self._send_pieces(answer, zipped(scratch.export))
        # The client has gone, is silent or slow (TimeoutError), a file could not be read, or a photo is no longer kept.
        except (OSError, DatabaseError) as error:
            _log.info("an export was not sent to its end: %s", type(error).__name__)
            if request.transport is not None:
                request.transport.abort()
        return answer

    async def _send_pieces(self, answer: web.StreamResponse, pieces: Iterator[Piece]) -> None:
        """Send them; each photo only once the database said that it is still kept, and of use.

        Raises:
            PhotoMissing: it is not: whoever sent it may have had it deleted since the export was made.
            DatabaseError: the database does not answer.
            OSError: a file cannot be read, the client has gone, or takes nothing (TimeoutError).

        """
        current: Path | None = None
        while (piece := await asyncio.to_thread(_next, pieces)) is not None:
            if piece.file is not None and piece.file != current:
                current = piece.file
                await self._check(current)
            async with asyncio.timeout(_SILENT_S):
                await answer.write(piece.data)

    async def _check(self, file: Path) -> None:
        exports = self._house.around.database.exports
        if file.suffix == _PHOTO and not await exports.kept([file.stem]):
            raise PhotoMissing("a photo of the export is no longer kept")


def _released(scratch: Scratch) -> None:
    """Whatever the answer was, it has been given: what goes wrong here is for the log, and the next start."""
    try:
        scratch.release()
    except OSError as error:
        _log.error("what an export left could not be deleted: %s", error)


def _next(pieces: Iterator[Piece]) -> Piece | None:
    return next(pieces, None)
