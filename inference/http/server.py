"""Runs an aiohttp application on a socket: starts, says where, and stops without dropping anybody."""

import asyncio
import ssl
from typing import Final, Self

from aiohttp import web

from inference.http.connection import Connection, ErrorAnswer
from inference.http.listening import refuse_newcomers, somebody_waits

DRAIN_SECONDS: Final = 7.0
"""Container engines kill ten seconds after SIGTERM, and the rest of the program wants to end too."""

_SETTLE_S: Final = 0.1
"""For handshakes that have begun when newcomers are turned away: far more than a round trip within a town."""

_MOST_LOOKS: Final = 100
"""Where newcomers cannot be turned away, the queue may never be empty."""


class HttpServer:
    """The application behind a listening socket. ``async with`` starts it, and drains it at the end.

    Signals are the command's business: nothing is installed here.
    """

    def __init__(
        self,
        app: web.Application,
        host: str,
        port: int,
        *,
        error_answer: ErrorAnswer,
        drain_seconds: float = DRAIN_SECONDS,
        head_seconds: float = 15.0,
        answer_seconds: float = 60.0,
        tls: ssl.SSLContext | None = None,
        cancels: bool = False,
    ) -> None:
        """Prepare, without listening yet.

        Args:
            app: what answers.
            host: the address to listen on.
            port: the port; 0 takes a free one.
            error_answer: makes the answer to what is no HTTP, or failed outside of the application.
            drain_seconds: how long requests in flight may take to finish at the end; then they are cut off.
            head_seconds: how long a connection may go without a complete head of a request, and for its TLS
                handshake.
            answer_seconds: how long a client may take to read an answer.
            tls: certificate and key; plain HTTP when None.
            cancels: whether a handler is cancelled when its client has gone.

        """
        self._host: Final = host
        self._port: Final = port
        self._head_seconds: Final = head_seconds
        self._answer_seconds: Final = answer_seconds
        self._error_answer: Final = error_answer
        self._tls: Final = tls
        self._runner: Final = web.AppRunner(
            app, handle_signals=False, shutdown_timeout=drain_seconds, handler_cancellation=cancels
        )
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it is, ending in a slash, once the server has started."""
        if self._listener is None:
            raise RuntimeError("the server has not started")
        port = self._listener.sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{port}/"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: the port is taken, or the address is not ours.

        """
        await self._runner.setup()
        server = self._runner.server
        assert server is not None, "setup makes it"
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(
                lambda: Connection(
                    server,
                    head_seconds=self._head_seconds,
                    answer_seconds=self._answer_seconds,
                    error_answer=self._error_answer,
                ),
                self._host,
                self._port,
                backlog=128,
                ssl=self._tls,
                ssl_handshake_timeout=self._head_seconds if self._tls else None,
            )
        except OSError:
            await self._runner.cleanup()
            raise
        return self

    async def stop_listening(self) -> None:
        """Take no further connections; those that are there, or that the kernel holds for us, go on. Idempotent.

        A connection that the kernel has made and the program has not accepted is reset when the socket closes, with
        whatever its client has sent. So newcomers are turned away first, and those who wait are taken in.
        """
        listener, self._listener = self._listener, None
        if listener is None:
            return
        sockets = listener.sockets
        if refuse_newcomers(sockets):
            await asyncio.sleep(_SETTLE_S)
        for _ in range(_MOST_LOOKS):
            if not somebody_waits(sockets):
                break
            # The event loop accepts all who wait before it comes back here.
            await asyncio.sleep(0)
        listener.close()
        # What the connections that were just accepted have sent already is read before any counts as idle.
        await asyncio.sleep(_SETTLE_S)

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, let the requests in flight finish, then close."""
        await self.stop_listening()
        await self._runner.cleanup()
