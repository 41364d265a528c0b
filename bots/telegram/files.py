"""Fetches photos by their reference: the size is looked at before, during and after."""

from typing import Final, Protocol

from telegram import Bot
from telegram.error import BadRequest

from bots.telegram.payload import PhotoAsked
from inference.errors import DecodeError, DecodeProblem

_TOO_BIG: Final = "file is too big"


class PhotoGone(Exception):
    """Telegram does not have the file any more, or not for this bot."""


class Photos(Protocol):
    """Where the bytes of photos come from."""

    async def fetch(self, photo: PhotoAsked) -> bytes | DecodeError:
        """The bytes, or why they were not taken.

        Raises:
            PhotoGone: there is no such file.
            telegram.error.TelegramError: the network or Telegram failed; another attempt may succeed.

        """
        ...


class TelegramPhotos:
    """Photos through the Bot API."""

    def __init__(self, bot: Bot, *, limit: int) -> None:
        """``limit`` in bytes a photo."""
        self._bot = bot
        self._limit = limit

    async def fetch(self, photo: PhotoAsked) -> bytes | DecodeError:
        """See ``Photos.fetch``."""
        if photo.size is not None and photo.size > self._limit:
            return self._too_big()
        try:
            file = await self._bot.get_file(photo.file_id)
        except BadRequest as error:
            if _TOO_BIG in error.message.lower():
                return self._too_big()
            raise PhotoGone from None
        if file.file_size is not None and file.file_size > self._limit:
            return self._too_big()
        try:
            content = bytes(await file.download_as_bytearray())
        except BadRequest:
            # The address of a file is good for an hour; another attempt asks for a new one.
            raise PhotoGone from None
        return content if len(content) <= self._limit else self._too_big()

    def _too_big(self) -> DecodeError:
        return DecodeError(DecodeProblem.TOO_MANY_BYTES, limit=self._limit)
