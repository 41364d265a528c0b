"""One client's connection: what is said to bytes that are no HTTP at all, before any handler is asked."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

ErrorAnswer = Callable[[int], web.Response]
"""The answer of this status to what no handler has seen."""

_log = logging.getLogger(__name__)

# Above the level that aiohttp asks about: there is no access log, it would hold addresses.
_NO_ACCESS_LOG: Final = logging.Logger(f"{__name__}.access", logging.CRITICAL)


class Connection(web.RequestHandler):
    """aiohttp's connection, less talkative about itself and about other people's faults."""

    __slots__ = ("_error_answer",)

    def __init__(self, server: web.Server, *, head_seconds: float, error_answer: ErrorAnswer) -> None:
        """A connection that is closed once it has sent no complete head of a request for ``head_seconds``."""
        # aiohttp starts this clock when the connection is made and after each answer, and stops it for a
        # complete head only: that makes it a limit on slow heads as well as on idleness.
        super().__init__(
            server, loop=asyncio.get_running_loop(), keepalive_timeout=head_seconds, access_log=_NO_ACCESS_LOG
        )
        self._error_answer = error_answer

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
