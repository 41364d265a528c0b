"""The one photo of a request, from its body: the bytes themselves, or the field of a form."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from inference.errors import DeadlinePassed, DecodeError, DecodeProblem
from inference.host.problems import Refused
from inference.wire import IMAGE_FIELD, ProblemCode

_CHUNK: Final = 64 * 1024

_FRAMING: Final = 16 * 1024
"""Bytes that a form's boundaries and headers may take."""

# What aiohttp raises for a body that is not what it says. RuntimeError: a "_charset_" part that is none.
_MALFORMED: Final = (ValueError, RuntimeError, HttpProcessingError, web.RequestPayloadError)


async def photo_of(request: web.Request, max_bytes: int, seconds: float, deadline: float | None) -> bytes:
    """The photo of a request whose head was checked; holds at most ``max_bytes`` of it, and a chunk.

    Raises:
        Refused: malformed, or too slow.
        DecodeError: the photo is too long.
        DeadlinePassed: the caller's time, by ``time.monotonic``, was over first.

    """
    async with _in_time(seconds, deadline):
        if request.content_type == "multipart/form-data":
            return await _field(request, max_bytes)
        return await _whole(request)


async def text_of(request: web.Request, max_bytes: int, seconds: float, deadline: float | None) -> bytes:
    """A short JSON body.

    Raises:
        Refused: of another type, too long, of unknown length, or too slow.
        DeadlinePassed: the caller's time was over first.

    """
    if request.content_type != "application/json":
        raise Refused(ProblemCode.UNSUPPORTED_BODY, "send application/json")
    length = _length(request)
    if length > max_bytes:
        raise Refused(ProblemCode.TOO_MUCH, f"{length} bytes", limit=max_bytes)
    async with _in_time(seconds, deadline):
        return await _whole(request)


def check_head(request: web.Request, max_bytes: int) -> int:
    """The length of a body that may be read, in bytes.

    One of unknown length or in a compressed form is refused before it is read: it could be without end.

    Raises:
        Refused: of another type, of unknown length, or compressed.
        DecodeError: it is too long.

    """
    kind = request.content_type
    is_form = kind == "multipart/form-data"
    if not (is_form or kind.startswith("image/") or kind == "application/octet-stream"):
        detail = (
            f"send the photo's bytes as image/* or application/octet-stream, or a form with the field {IMAGE_FIELD}"
        )
        raise Refused(ProblemCode.UNSUPPORTED_BODY, detail)
    length = _length(request)
    if length > (max_bytes + _FRAMING if is_form else max_bytes):
        raise DecodeError(DecodeProblem.TOO_MANY_BYTES, f"{length} bytes", limit=max_bytes)
    return length


@asynccontextmanager
async def _in_time(seconds: float, deadline: float | None) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout_at(deadline), asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        if deadline is not None and time.monotonic() >= deadline:
            raise DeadlinePassed from error
        raise Refused(ProblemCode.TOO_SLOW, "the body did not come in time") from error
    except _MALFORMED as error:
        raise Refused(ProblemCode.INVALID, "the body is malformed") from error


def _length(request: web.Request) -> int:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(ProblemCode.UNSUPPORTED_BODY, "send it uncompressed")
    if request.content_length is None or "Transfer-Encoding" in request.headers:
        raise Refused(ProblemCode.NO_LENGTH, "send Content-Length")
    return request.content_length


async def _whole(request: web.Request) -> bytes:
    # aiohttp reads no more than Content-Length says, and that was checked.
    return await request.content.read()


async def _field(request: web.Request, max_bytes: int) -> bytes:
    photo: bytes | None = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name != IMAGE_FIELD or photo is not None:
            raise Refused(ProblemCode.INVALID, f"send one field, named {IMAGE_FIELD}")
        photo = await _part(part, max_bytes)
    if photo is None:
        raise Refused(ProblemCode.INVALID, f"there is no field named {IMAGE_FIELD}")
    return photo


async def _part(part: BodyPartReader, max_bytes: int) -> bytes:
    photo = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        photo += chunk
        if len(photo) > max_bytes:
            raise DecodeError(DecodeProblem.TOO_MANY_BYTES, f"more than {max_bytes} bytes", limit=max_bytes)
    return bytes(photo)
