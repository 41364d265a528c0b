"""Fetches attachments: never more bytes than allowed, never longer than allowed."""

from typing import Final, Protocol

import aiohttp

from bots.discord.payload import PhotoReference
from inference.errors import DecodeError, DecodeProblem

_CHUNK: Final = 64 * 1024


class PhotoGone(Exception):
    """The address leads nowhere any more: it ran out, or the message was deleted."""


class PhotoNotFetched(Exception):
    """The photo could not be fetched just now; another attempt may succeed. It names no address."""


class Photos(Protocol):
    """Where the bytes of attachments come from."""

    async def fetch(self, photo: PhotoReference) -> bytes | DecodeError:
        """The bytes, or why they were not taken: more than the limit, by statement or in fact.

        Raises:
            PhotoGone: there is nothing at the address.
            PhotoNotFetched: the network or the server failed.

        """
        ...


class FetchedPhotos:
    """Photos over HTTP, with one session. ``close`` ends it."""

    def __init__(self, *, limit: int, seconds: float) -> None:
        """``limit`` in bytes a photo, ``seconds`` for the whole of one photo. Needs a running event loop."""
        self._limit = limit
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds))

    async def close(self) -> None:
        """End the session."""
        await self._session.close()

    async def fetch(self, photo: PhotoReference) -> bytes | DecodeError:
        """See ``Photos.fetch``."""
        if photo.size > self._limit:
            return self._too_big()
        try:
            # The address is signed: no error may carry it into a log, hence "from None".
            async with self._session.get(photo.url) as answer:
                if answer.status in {403, 404, 410}:
                    raise PhotoGone
                if answer.status != 200:
                    raise PhotoNotFetched(f"status {answer.status}")
                content = bytearray()
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    content += chunk
                    if len(content) > self._limit:
                        return self._too_big()
                return bytes(content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PhotoNotFetched(type(error).__name__) from None

    def _too_big(self) -> DecodeError:
        return DecodeError(DecodeProblem.TOO_MANY_BYTES, limit=self._limit)
