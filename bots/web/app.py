"""The web adapter: routes, and the way from a request to the conversation and back."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from aiohttp import web

from bots.actions import UnknownActionError, read_action
from bots.conversation import Conversation
from bots.messages import Messages
from bots.regions import every
from bots.reply import Card
from bots.request import ButtonPressed, PhotosSent, Resident
from bots.web import csrf
from bots.web.admission import Admission
from bots.web.card_json import card_json
from bots.web.client import client_key, is_encrypted, resident_of
from bots.web.errors import Refusal, RequestRefusedError, error_middleware
from bots.web.headers import add_security_headers
from bots.web.options import WebOptions
from bots.web.page import load_assets, load_template, page_texts, region_texts, render, with_regions
from bots.web.upload import photos_of
from guides import LANGUAGES, Language
from inference.errors import DecodeError, DecodeProblem

_log = logging.getLogger(__name__)

_PRESS_BYTES: Final = 4096
"""Bytes that the JSON of a pressed button may take."""

# LookupError: no such key, or no such charset. RecursionError: JSON that is nothing but brackets.
_NOT_A_PRESS: Final = (ValueError, LookupError, TypeError, RecursionError, UnknownActionError, web.RequestPayloadError)


def create_app(conversation: Conversation, messages: Messages, options: WebOptions) -> web.Application:
    """The web application. It neither opens nor closes the conversation's inference: its caller does."""
    site = _Site(conversation, messages, options)
    app = web.Application(client_max_size=_PRESS_BYTES, middlewares=[error_middleware(messages, options)])
    app.on_response_prepare.append(add_security_headers)
    app.add_routes(
        [
            web.get("/", site.page),
            web.get("/static/{name}", site.asset),
            web.get("/api/setup", site.setup),
            web.post("/api/classify", site.classify),
            web.post("/api/press", site.press),
            web.get("/healthz", site.health),
        ]
    )
    return app


class _Site:
    """The handlers, and what they share."""

    def __init__(self, conversation: Conversation, messages: Messages, options: WebOptions) -> None:
        self._conversation = conversation
        self._options = replace(options, region=conversation.region_near(options.region))
        self._admission = Admission(options)
        self._assets = load_assets()
        limits = {"photos": options.max_photos, "megabytes": options.max_bytes // 1_000_000}
        self._regions = {language: conversation.regions(language) for language in LANGUAGES}
        self._known = frozenset(region.id for offered in self._regions.values() for region in every(offered))
        self._texts = {
            language: page_texts(messages.of(language), **limits) | region_texts(self._regions[language])
            for language in LANGUAGES
        }
        template = load_template()
        self._pages: dict[Language, str] = {
            language: render(template, texts, language) for language, texts in self._texts.items()
        }

    async def page(self, request: web.Request) -> web.Response:
        """GET /: the page, in the visitor's language, with their place chosen."""
        resident = self._resident(request)
        offered = self._regions[resident.language]
        page = with_regions(self._pages[resident.language], offered, resident.region)
        answer = web.Response(text=page, content_type="text/html")
        answer.headers["Vary"] = "Accept-Language, Cookie"
        answer.headers["Content-Language"] = resident.language
        return answer

    async def asset(self, request: web.Request) -> web.Response:
        """GET /static/NAME: a file of the page. Browsers keep it and ask whether it has changed."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise RequestRefusedError(Refusal.NOT_FOUND)
        headers = {"Cache-Control": "no-cache", "ETag": f'"{asset.etag}"'}
        if any(each.value == asset.etag for each in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=asset.content, content_type=asset.content_type, charset="utf-8", headers=headers)

    async def setup(self, request: web.Request) -> web.Response:
        """GET /api/setup?language=ko|en: the session and its token, the limits, the page's texts."""
        resident = self._resident(request)
        session = csrf.session_of(request) or csrf.new_session()
        too_big = DecodeError(DecodeProblem.TOO_MANY_BYTES, limit=self._options.max_bytes)
        reply = await self._conversation.reply(PhotosSent((too_big,)), resident)
        answer = web.json_response(
            {
                "token": csrf.token_of(session),
                "language": resident.language,
                "limits": {"bytes": self._options.max_bytes, "photos": self._options.max_photos},
                "texts": self._texts[resident.language],
                "too_big": card_json(reply.cards[0]),
            }
        )
        answer.set_cookie(
            csrf.COOKIE,
            session,
            httponly=True,
            samesite="Strict",
            secure=is_encrypted(request, self._options),
        )
        return answer

    async def classify(self, request: web.Request) -> web.Response:
        """POST /api/classify: multipart, one or more ``photo`` parts -> a card for each, in order."""
        self._refuse_others(request)
        client = client_key(request, self._options)
        resident = self._resident(request)
        photos = photos_of(request, self._options, lambda: self._admission.count(client))
        try:
            with self._admission.upload(client):
                async with asyncio.timeout(self._options.upload_seconds), aclosing(photos):
                    cards = [await self._answer(photo, resident) async for photo in photos]
        except TimeoutError as error:
            raise RequestRefusedError(Refusal.TOO_SLOW, unread=True) from error
        return web.json_response({"cards": [card_json(card) for card in cards]})

    async def press(self, request: web.Request) -> web.Response:
        """POST /api/press: ``{"action": id of a button}`` -> a card."""
        self._refuse_others(request)
        self._admission.count(client_key(request, self._options))
        try:
            async with asyncio.timeout(self._options.upload_seconds):
                body = await request.json()
            action = read_action(str(body["action"]))
        except TimeoutError as error:
            raise RequestRefusedError(Refusal.TOO_SLOW, unread=True) from error
        except _NOT_A_PRESS as error:
            raise RequestRefusedError(Refusal.BAD_REQUEST, unread=True) from error
        reply = await self._conversation.reply(ButtonPressed(action), self._resident(request))
        return web.json_response({"cards": [card_json(card) for card in reply.cards]})

    async def health(self, request: web.Request) -> web.Response:
        """GET /healthz: this process answers."""
        del request
        return web.json_response({"status": "ok"})

    async def _answer(self, photo: bytes | DecodeError, resident: Resident) -> Card:
        started = asyncio.get_running_loop().time()
        reply = await self._conversation.reply(PhotosSent((photo,)), resident)
        card = reply.cards[0]
        milliseconds = (asyncio.get_running_loop().time() - started) * 1000
        _log.info("photo: %s in %.0f ms", card.kind.value, milliseconds)
        return card

    def _resident(self, request: web.Request) -> Resident:
        return resident_of(request, self._options, self._known)

    def _refuse_others(self, request: web.Request) -> None:
        if not csrf.is_ours(request):
            raise RequestRefusedError(Refusal.NOT_OURS, unread=True)
