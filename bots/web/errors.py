"""A request that cannot be served -> ``{"error": code, "message": words in the resident's language}``."""

import logging
import math
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

from aiohttp import web

from bots.messages import Messages
from bots.web.client import language_of
from bots.web.options import LONGEST_TEXT, WebOptions

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(StrEnum):
    """Why a request was refused: the code in the JSON, and the end of the message's key."""

    BAD_REQUEST = "bad_request"
    NOT_OURS = "not_ours"
    NOT_FOUND = "not_found"
    METHOD = "method"
    TOO_SLOW = "too_slow"
    NO_LENGTH = "no_length"
    TOO_MUCH = "too_much"
    TOO_MANY_PHOTOS = "too_many_photos"
    NOT_MULTIPART = "not_multipart"
    NO_TEXT = "no_text"
    LONG_TEXT = "long_text"
    TOO_OFTEN = "too_often"
    BUSY = "busy"
    INTERNAL = "internal"
    SIGNED_OUT = "signed_out"
    WRONG_TOKEN = "wrong_token"  # noqa: S105
    NOT_ALLOWED = "not_allowed"
    GONE = "gone"
    FORGOTTEN = "forgotten"
    REJECTED = "rejected"
    NO_REASON = "no_reason"
    NO_PHOTOS = "no_photos"
    EXPORTING = "exporting"
    UNFINISHED = "unfinished"


_STATUS: Final = {
    Refusal.BAD_REQUEST: 400,
    Refusal.NOT_OURS: 403,
    Refusal.NOT_FOUND: 404,
    Refusal.METHOD: 405,
    Refusal.TOO_SLOW: 408,
    Refusal.NO_LENGTH: 411,
    Refusal.TOO_MUCH: 413,
    Refusal.TOO_MANY_PHOTOS: 413,
    Refusal.NOT_MULTIPART: 415,
    Refusal.NO_TEXT: 400,
    Refusal.LONG_TEXT: 413,
    Refusal.TOO_OFTEN: 429,
    Refusal.BUSY: 503,
    Refusal.INTERNAL: 500,
    Refusal.SIGNED_OUT: 403,
    Refusal.WRONG_TOKEN: 403,
    Refusal.NOT_ALLOWED: 403,
    Refusal.GONE: 410,
    Refusal.FORGOTTEN: 410,
    Refusal.REJECTED: 409,
    Refusal.NO_REASON: 400,
    Refusal.NO_PHOTOS: 404,
    Refusal.EXPORTING: 409,
    Refusal.UNFINISHED: 503,
}
_OF_STATUS: Final = {404: Refusal.NOT_FOUND, 405: Refusal.METHOD, 413: Refusal.TOO_MUCH}


class RequestRefusedError(Exception):
    """A request that cannot be served.

    Attributes:
        refusal: why.
        retry_after: seconds after which it may be tried again, where that helps.
        unread: whether a part of its body was left unread, so that the connection cannot be used again.

    """

    def __init__(self, refusal: Refusal, *, retry_after: float | None = None, unread: bool = False) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.retry_after = retry_after
        self.unread = unread


def error_middleware(messages: Messages, options: WebOptions) -> Callable[..., Awaitable[web.StreamResponse]]:
    """The middleware that turns every error of a handler into that JSON, and logs those that are ours."""

    def response(request: web.Request, error: RequestRefusedError) -> web.Response:
        texts = messages.of(language_of(request, options))
        seconds = 0 if error.retry_after is None else math.ceil(error.retry_after)
        message = texts(
            f"refused-{error.refusal.value}",
            seconds=seconds,
            photos=options.max_photos,
            characters=LONGEST_TEXT,
            megabytes=options.max_bytes * options.max_photos // 1_000_000,
        )
        body = {"error": error.refusal.value, "message": message}
        answer = web.json_response(body, status=_STATUS[error.refusal])
        if error.retry_after is not None:
            answer.headers["Retry-After"] = str(seconds)
        if error.unread:
            answer.force_close()
        return answer

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except RequestRefusedError as error:
            return response(request, error)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            refusal = _OF_STATUS.get(error.status, Refusal.BAD_REQUEST)
            answer = response(request, RequestRefusedError(refusal))
            if "Allow" in error.headers:
                answer.headers["Allow"] = error.headers["Allow"]
            return answer
        except Exception:
            _log.exception("%s %s failed", request.method, request.path)
            return response(request, RequestRefusedError(Refusal.INTERNAL, unread=True))

    return middleware
