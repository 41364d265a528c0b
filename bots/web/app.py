"""The web adapter: routes, and the way from a request to the conversation and back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace

from aiohttp import web

from bots.actions import ShowLabels
from bots.conversation import Conversation
from bots.messages import Messages
from bots.problem_words import problem_words
from bots.regions import every
from bots.reply import Button, Card, CardKind
from bots.request import ButtonPressed, Command, CommandSent, Request, Resident
from bots.request_cost import cost_of
from bots.web import csrf
from bots.web.admission import Admission
from bots.web.browser_cache import kept_by_browsers
from bots.web.card_json import answer_json, card_json, reply_json
from bots.web.client import client_key, is_encrypted, resident_of, sender_of
from bots.web.errors import Refusal, RequestRefusedError, error_middleware
from bots.web.gallery import Gallery
from bots.web.headers import add_security_headers
from bots.web.options import LONGEST_TEXT, WebOptions
from bots.web.page import load_assets, load_template, page_texts, region_texts, render, with_regions
from bots.web.photo_replies import cards_for
from bots.web.settled_choices import settled_choices
from bots.web.upload import photos_of
from bots.web.words import BODY_BYTES, action_of, words_of
from guides import LANGUAGES, Language
from inference.errors import DecodeError, DecodeProblem

Health = Callable[[], Awaitable[Mapping[str, object]]]
"""How the process is: at least ``{"status": "ok"}``, where it is well."""


def create_app(
    conversation: Conversation, messages: Messages, options: WebOptions, *, health: Health | None = None
) -> web.Application:
    """The web application. It neither opens nor closes the conversation's inference: its caller does.

    ``health`` is asked at each GET /healthz; without it, a process that answers is well.
    """
    site = _Site(conversation, messages, options, health or _answers)
    app = web.Application(client_max_size=BODY_BYTES, middlewares=[error_middleware(messages, options)])
    app.cleanup_ctx.append(site.examples.running)
    app.on_response_prepare.append(add_security_headers)
    app.add_routes(
        [
            web.get("/", site.page),
            web.get("/static/{name}", site.asset),
            web.get("/gallery/{name}", site.example),
            web.get("/api/gallery", site.gallery),
            web.get("/api/setup", site.setup),
            web.post("/api/classify", site.classify),
            web.post("/api/press", site.press),
            web.post("/api/ask", site.ask),
            web.get("/healthz", site.health),
        ]
    )
    return app


class _Site:
    """The handlers, and what they share."""

    def __init__(self, conversation: Conversation, messages: Messages, options: WebOptions, health: Health) -> None:
        self._conversation = conversation
        self._health = health
        self._options = replace(options, region=conversation.region_near(options.region))
        self._admission = Admission(options)
        self.examples = Gallery(conversation.example, options.gallery_after_seconds)
        self._assets = load_assets()
        limits = {"photos": options.max_photos, "megabytes": options.max_bytes // 1_000_000}
        limits["characters"] = LONGEST_TEXT
        self._regions = {language: conversation.regions(language) for language in LANGUAGES}
        self._known = frozenset(region.id for offered in self._regions.values() for region in every(offered))
        self._texts = {
            language: page_texts(messages.of(language), keeps_photos=options.keeps_photos, **limits)
            | region_texts(self._regions[language])
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
        return kept_by_browsers(request, asset.content, asset.content_type, asset.etag, charset="utf-8")

    async def gallery(self, request: web.Request) -> web.Response:
        """GET /api/gallery: the example pictures, none where there are none; whether they are still being made."""
        del request
        pictures = [
            {"label": each.label.value, "seed": each.seed, "url": f"/gallery/{each.name}"}
            for each in self.examples.examples
        ]
        return web.json_response({"pictures": pictures, "is_coming": self.examples.is_coming})

    async def example(self, request: web.Request) -> web.Response:
        """GET /gallery/NAME: an example picture, as a marked PNG."""
        found = self.examples.named(request.match_info["name"])
        if found is None:
            raise RequestRefusedError(Refusal.NOT_FOUND)
        return kept_by_browsers(request, found.png, "image/png", found.etag)

    async def setup(self, request: web.Request) -> web.Response:
        """GET /api/setup?language=ko|en: the session and its token, the limits, the page's texts."""
        resident = self._resident(request)
        session = csrf.session_of(request) or csrf.new_session()
        answer = web.json_response(
            {
                "token": csrf.token_of(session),
                "language": resident.language,
                "limits": {"bytes": self._options.max_bytes, "photos": self._options.max_photos},
                "texts": self._texts[resident.language],
                "too_big": card_json(self._too_big(resident.language)),
            }
        )
        answer.set_cookie(
            csrf.COOKIE,
            session,
            max_age=csrf.MAX_AGE,
            httponly=True,
            samesite="Strict",
            secure=is_encrypted(request, self._options),
        )
        return answer

    async def classify(self, request: web.Request) -> web.Response:
        """POST /api/classify: multipart, one or more ``photo`` parts -> a card for each, in order, then others."""
        resident = await self._ours(request)
        client = client_key(request, self._options)
        photos = photos_of(request, self._options, lambda: self._admission.count(client))
        try:
            with self._admission.upload(client):
                async with asyncio.timeout(self._options.upload_seconds), aclosing(photos):
                    cards = await cards_for(photos, resident, self._conversation)
        except TimeoutError as error:
            raise RequestRefusedError(Refusal.TOO_SLOW, unread=True) from error
        return web.json_response(answer_json(cards))

    async def press(self, request: web.Request) -> web.Response:
        """POST /api/press: ``{"action": id of a button}`` -> what it leads to."""
        resident = await self._ours(request)
        client = client_key(request, self._options)
        self._admission.count(client)
        pressed = ButtonPressed(await action_of(request, self._options))
        self._admission.count_rest(client, cost_of(pressed))
        return await self._said(pressed, resident)

    async def ask(self, request: web.Request) -> web.Response:
        """POST /api/ask: ``{"text": the name of a thing, or a command}`` -> the answer."""
        resident = await self._ours(request)
        client = client_key(request, self._options)
        self._admission.count(client)
        sent = await words_of(request, self._options)
        self._admission.count_rest(client, cost_of(sent))
        if isinstance(sent, CommandSent) and sent.command in {Command.LANG, Command.REGION}:
            # A choice that the page could not follow is offered as buttons instead.
            sent = sent if settled_choices(sent, self._known) else CommandSent(sent.command)
        return await self._said(sent, resident)

    async def health(self, request: web.Request) -> web.Response:
        """GET /healthz: how this process is; 503 when it is not well."""
        del request
        found = await self._health()
        return web.json_response(dict(found), status=200 if found.get("status") == "ok" else 503)

    async def _said(self, request: Request, resident: Resident) -> web.Response:
        reply = await self._conversation.reply(request, resident)
        return web.json_response(reply_json(reply) | settled_choices(request, self._known))

    async def _ours(self, request: web.Request) -> Resident:
        """For whom to write, known by their session.

        Raises:
            RequestRefusedError: our own page did not send this.

        """
        session = csrf.session_of(request)
        if session is None or not csrf.is_ours(request):
            raise RequestRefusedError(Refusal.NOT_OURS, unread=True)
        return await self._conversation.resident(sender_of(request, self._options, self._known, session))

    def _resident(self, request: web.Request) -> Resident:
        return resident_of(request, self._options, self._known)

    def _too_big(self, language: Language) -> Card:
        """What the page says of a photo that it need not send; it is no question, and so it is not logged."""
        texts = self._conversation.texts(language)
        error = DecodeError(DecodeProblem.TOO_MANY_BYTES, limit=self._options.max_bytes)
        headline, remedy = problem_words(error, texts)
        choose = Button(texts("not-waste-choose"), ShowLabels())
        return Card(CardKind.PROBLEM, headline, remedy, buttons=(choose,))


async def _answers() -> Mapping[str, object]:
    return {"status": "ok"}
