"""A request that cannot be served -> problem details (RFC 9457), with the headers that belong to them."""

import math
from http import HTTPStatus
from typing import Final

from aiohttp import web

from inference.errors import InferenceBusy, InferenceClosed, InferenceError
from inference.wire import PROBLEM_TYPE, ProblemBody, ProblemCode, problem, problem_of

_SOON_S: Final = 1.0
"""After which a place is likely free again, or another host is there."""

_OF_STATUS: Final = {
    404: ProblemCode.NOT_FOUND,
    405: ProblemCode.METHOD,
    408: ProblemCode.TOO_SLOW,
    411: ProblemCode.NO_LENGTH,
    413: ProblemCode.TOO_MUCH,
    415: ProblemCode.UNSUPPORTED_BODY,
}


class Refused(Exception):
    """A request that cannot be served.

    Attributes:
        code: why.
        detail: short technical text; never what was sent.
        limit: the limit that was passed, where the problem is one of size.

    """

    def __init__(self, code: ProblemCode, detail: str = "", *, limit: int | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.detail = detail
        self.limit = limit


def refusal(error: Refused) -> web.Response:
    """The answer to a request that was refused before inference saw it."""
    body = problem(error.code, error.detail).model_copy(update={"limit": error.limit})
    answer = _answer(body)
    if error.code is ProblemCode.UNAUTHORISED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if error.code in {ProblemCode.TOO_MANY_AT_ONCE, ProblemCode.STARTING, ProblemCode.BUSY}:
        answer.headers["Retry-After"] = _seconds(_SOON_S)
    return answer


def failure(error: InferenceError) -> web.Response:
    """The answer to what inference raised."""
    answer = _answer(problem_of(error))
    if isinstance(error, InferenceBusy):
        answer.headers["Retry-After"] = _seconds(error.retry_after)
    elif isinstance(error, InferenceClosed) or answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = _seconds(_SOON_S)
    return answer


def http_error(error: web.HTTPException) -> web.Response:
    """The answer to what aiohttp found wrong: no such route, another method."""
    answer = plain(error.status)
    if "Allow" in error.headers:
        answer.headers["Allow"] = error.headers["Allow"]
    return answer


def plain(status: int) -> web.Response:
    """A problem of which no more is known than its status."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer(problem(ProblemCode.INTERNAL))
    code = _OF_STATUS.get(status, ProblemCode.INVALID)
    return _answer(problem(code).model_copy(update={"status": status, "title": HTTPStatus(status).phrase}))


def _answer(body: ProblemBody) -> web.Response:
    text = body.model_dump_json(exclude_none=True)
    return web.Response(text=text, status=body.status, content_type=PROBLEM_TYPE)


def _seconds(wait: float) -> str:
    return str(math.ceil(wait))
