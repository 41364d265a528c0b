"""The web page behind a listening socket."""

from http import HTTPStatus

from aiohttp import web

from bots.web.headers import SECURITY_HEADERS
from inference.http.server import DRAIN_SECONDS, HttpServer


class WebServer(HttpServer):
    """An ``HttpServer`` whose own answers carry the page's headers."""

    def __init__(
        self,
        app: web.Application,
        host: str,
        port: int,
        *,
        drain_seconds: float = DRAIN_SECONDS,
        head_seconds: float = 15.0,
    ) -> None:
        """Prepare, without listening yet; see ``HttpServer``."""
        super().__init__(
            app, host, port, error_answer=_error_answer, drain_seconds=drain_seconds, head_seconds=head_seconds
        )


def _error_answer(status: int) -> web.Response:
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store"}
    return web.Response(status=status, text=f"{status} {HTTPStatus(status).phrase}\n", headers=headers)
