"""Runs the web application on a socket: starts, says where, and stops without dropping anybody."""

import logging
from typing import Final, Self

from aiohttp import web

_log = logging.getLogger(__name__)


class WebServer:
    """The application behind a listening socket. ``async with`` starts it, and drains it at the end.

    Signals are the command's business: nothing is installed here.
    """

    def __init__(self, app: web.Application, host: str, port: int, *, drain_seconds: float = 30.0) -> None:
        """Prepare, without listening yet.

        Args:
            app: what answers.
            host: the address to listen on.
            port: the port; 0 takes a free one.
            drain_seconds: how long requests in flight may take to finish at the end.

        """
        self._host: Final = host
        self._port: Final = port
        self._runner: Final = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=drain_seconds)

    @property
    def url(self) -> str:
        """Where the page is, once the server has started."""
        port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{port}/"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: the port is taken, or the address is not ours.

        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, let the requests in flight finish, then close."""
        await self._runner.cleanup()
