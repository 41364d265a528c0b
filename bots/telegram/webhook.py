"""Receives updates that Telegram sends: a secret first, a durable inbox before the 200."""

import hmac
import json
import logging
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Bot, Update

from bots.telegram.incoming import Me
from bots.telegram.reception import Reception
from db.errors import DatabaseError

_log = logging.getLogger(__name__)

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
_LARGEST_UPDATE: Final = 1_000_000
"""Bytes; real ones have some thousands."""


class WebhookServer:
    """An HTTP server for one bot's updates, behind the proxy that speaks https."""

    def __init__(self, bot: Bot, reception: Reception, me: Me, *, url: str, secret: str, host: str, port: int) -> None:
        self._bot = bot
        self._reception = reception
        self._me = me
        self._secret = secret.encode()
        self._host = host
        self._port = port
        app = web.Application(client_max_size=_LARGEST_UPDATE)
        app.router.add_post(urlsplit(url).path or "/", self._receive)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)

    @property
    def port(self) -> int:
        """The port that it listens on, once started."""
        port = self._runner.addresses[0][1]
        assert isinstance(port, int)
        return port

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be used.

        """
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Finish requests in flight and close."""
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        """POST: an update, in this order of cases.

        1. A wrong secret: 403, before a byte of the body is read.
        2. Too much is unfinished: 503; Telegram sends it again.
        3. A body that is too large (413) or no update (400).
        4. Stored: 200. Not stored: 503.
        """
        shown = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._secret):
            return web.Response(status=403)
        if self._reception.is_full:
            return web.Response(status=503, headers={"Retry-After": "5"})
        try:
            body = await request.read()
            update = Update.de_json(json.loads(body), self._bot)
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        except (ValueError, TypeError, KeyError, AttributeError):
            return web.Response(status=400)
        try:
            await self._reception.take([update], self._me)
        except DatabaseError as error:
            _log.error("an update was not taken: %s", error)
            return web.Response(status=503, headers={"Retry-After": "5"})
        return web.Response()
