"""One client's connection: what is said to bytes that are no HTTP at all, before any handler is asked."""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

ErrorAnswer = Callable[[int], web.Response]
"""The answer of this status to what no handler has seen."""

_log = logging.getLogger(__name__)

# Above the level that aiohttp asks about: there is no access log, it would hold addresses.
_NO_ACCESS_LOG: Final = logging.Logger(f"{__name__}.access", logging.CRITICAL)


class Connection(web.RequestHandler):
    """aiohttp's connection, less talkative about itself and about other people's faults."""

    __slots__ = ("_answer_seconds", "_error_answer")

    def __init__(
        self, server: web.Server, *, head_seconds: float, answer_seconds: float, error_answer: ErrorAnswer
    ) -> None:
        """A connection that is closed once it costs too much.

        Args:
            server: what answers.
            head_seconds: without a complete head of a request.
            answer_seconds: until an answer is taken; who reads none of it would else keep it in memory for ever.
            error_answer: see ``ErrorAnswer``.

        """
        # aiohttp starts this clock when the connection is made and after each answer, and stops it for a
        # complete head only: that makes it a limit on slow heads as well as on idleness.
        super().__init__(
            server, loop=asyncio.get_running_loop(), keepalive_timeout=head_seconds, access_log=_NO_ACCESS_LOG
        )
        self._answer_seconds = answer_seconds
        self._error_answer = error_answer

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer; whether the client has gone before its end."""
        if isinstance(resp, web.HTTPException) and resp.status >= HTTPStatus.BAD_REQUEST:
            # Of an unknown Expect, say: aiohttp answers before any handler, and quotes what was sent.
            resp = self._error_answer(resp.status)
            resp.headers["Server"] = "bunri"
            resp.force_close()
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await super().finish_response(request, resp, start_time)
        except TimeoutError:
            _log.info("an answer was not taken in %g s", self._answer_seconds)
            if self.transport is not None:
                # What is still in the buffer would be waited for.
                self.transport.abort()
            self.force_close()
            return resp, True

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that no handler has seen, or that failed outside of ours.

        Raises:
            ConnectionError: a part of another answer has been sent already.

        """
        del message  # quotes what was sent
        if isinstance(exc, HttpProcessingError):
            _log.info("not HTTP: %s", type(exc).__name__)
        else:
            _log.error("answered %d", status, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is on its way already")
        answer = self._error_answer(status)
        # Left out, aiohttp would name itself with its version.
        answer.headers["Server"] = "bunri"
        answer.force_close()
        return answer

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Not of a body that breaks off or cannot be unpacked while the rest of it is read and thrown away."""
        if isinstance(kw.get("exc_info"), web.RequestPayloadError):
            _log.info("the rest of a body could not be read")
            return
        super().log_exception(*args, **kw)
