"""Photos out of a multipart request, one at a time, so that a request holds one photo in memory at most."""

from collections.abc import AsyncGenerator, Callable
from typing import Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bots.web.errors import Refusal, RequestRefusedError
from bots.web.options import WebOptions
from inference.errors import DecodeError, DecodeProblem

FIELD: Final = "photo"

_FRAMING: Final = 64 * 1024
"""Bytes that boundaries and headers of all parts may take."""

_CHUNK: Final = 64 * 1024

# What aiohttp raises for a body that is not what it says. RuntimeError: a "_charset_" part that is none.
_MALFORMED: Final = (ValueError, RuntimeError, ConnectionError, HttpProcessingError, web.RequestPayloadError)


async def photos_of(
    request: web.Request, options: WebOptions, admit: Callable[[], None]
) -> AsyncGenerator[bytes | DecodeError]:
    """The photos of a request, in order: the bytes, or the error of a photo over ``max_bytes``.

    Such a photo is read to its end but not kept, so that the photos after it are still answered. A request
    longer than all its photos may be is refused before its body is read, and so is one of unknown length or in
    a compressed form: what stands before the first photo would then be read without end.

    Args:
        request: what the client sends.
        options: the limits.
        admit: called before each photo is read; what it raises ends the reading.

    Raises:
        RequestRefusedError: not multipart, malformed, too long, of unknown length, too many photos, or none.

    """
    ceiling = options.max_bytes * options.max_photos + _FRAMING
    if request.content_type != "multipart/form-data":
        raise RequestRefusedError(Refusal.NOT_MULTIPART, unread=True)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RequestRefusedError(Refusal.BAD_REQUEST, unread=True)
    if request.content_length is None or "Transfer-Encoding" in request.headers:
        raise RequestRefusedError(Refusal.NO_LENGTH, unread=True)
    if request.content_length > ceiling:
        raise RequestRefusedError(Refusal.TOO_MUCH, unread=True)
    count = 0
    left = ceiling
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name != FIELD:
                raise RequestRefusedError(Refusal.BAD_REQUEST, unread=True)
            count += 1
            if count > options.max_photos:
                raise RequestRefusedError(Refusal.TOO_MANY_PHOTOS, unread=True)
            admit()
            photo, length = await _read(part, options.max_bytes, left)
            left -= length
            yield photo
    except _MALFORMED as error:
        raise RequestRefusedError(Refusal.BAD_REQUEST, unread=True) from error
    if count == 0:
        raise RequestRefusedError(Refusal.BAD_REQUEST)


async def _read(part: BodyPartReader, max_bytes: int, left: int) -> tuple[bytes | DecodeError, int]:
    """One photo and the number of bytes it took from the ``left`` ones."""
    photo = bytearray()
    length = 0
    while chunk := await part.read_chunk(_CHUNK):
        length += len(chunk)
        if length > left:
            raise RequestRefusedError(Refusal.TOO_MUCH, unread=True)
        if length <= max_bytes:
            photo += chunk
        else:
            photo.clear()
    if length > max_bytes:
        return DecodeError(DecodeProblem.TOO_MANY_BYTES, f"{length} bytes", limit=max_bytes), length
    return bytes(photo), length
