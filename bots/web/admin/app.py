"""The routes of the admin page, and the way from a request to the database and back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web

from bots.messages import Messages
from bots.platforms import Platform
from bots.web import csrf
from bots.web.admin.admin_page import ASSETS, TEMPLATE, admin_texts, label_keys, render
from bots.web.admin.bodies import ExportBody, UndoBody, WordBody, body_of, queue_query
from bots.web.admin.door import COOKIE, PATH, Door
from bots.web.admin.download import Downloads
from bots.web.admin.figures import counts_json, models_json
from bots.web.admin.house import AdminHouse
from bots.web.admin.queue_folder import QueueFolder
from bots.web.admin.scratch import sweep
from bots.web.admin.sessions import Session
from bots.web.admin.sight import Sight
from bots.web.admin.thumbnails import LARGE, TILE, Thumbnails
from bots.web.browser_cache import kept_by_browsers
from bots.web.client import language_of
from bots.web.errors import Refusal, RequestRefusedError
from bots.web.options import WebOptions
from bots.web.page import load_assets
from db.audit import Deed
from db.errors import DatabaseError, DatabaseUnavailable, PhotoForgotten, PhotoMissing, PhotoRejected
from db.exporting.formats import FORMATS
from db.exporting.item import Item
from db.exporting.planning import queue_of
from db.labels import Import
from db.reviews import SOURCE, Rejection, new_sitting
from guides import LANGUAGES
from inference.errors import DecodeError

_AT_ONCE: Final = 240
"""Photos of the queue in one answer: some hundred kilobytes."""

_SOON: Final = 5.0
_WHY: Final = "looked at on the admin page"

_log = logging.getLogger(__name__)


def add_admin(app: web.Application, house: AdminHouse, messages: Messages, options: WebOptions) -> None:
    """Put the admin page under ``/admin`` of the web page, whose errors and headers it shares."""
    admin = web.Application()
    site = _Admin(house, messages, options)
    admin.cleanup_ctx.append(site.running)
    admin.add_routes(
        [
            web.get("", site.page),
            web.get("/", site.page),
            web.get("/static/{name}", site.asset),
            web.get("/photos/{id:[A-Za-z0-9_-]{1,64}}", site.photo),
            web.post("/api/login", site.login),
            web.post("/api/logout", site.logout),
            web.get("/api/me", site.me),
            web.get("/api/queue", site.queue),
            web.post("/api/word", site.word),
            web.post("/api/undo", site.undo),
            web.get("/api/figures", site.figures),
            web.post("/api/export", site.export),
        ]
    )
    app.add_subapp(PATH, admin)


class _Admin:
    """The handlers, and what they share."""

    def __init__(self, house: AdminHouse, messages: Messages, options: WebOptions) -> None:
        self._house = house
        self._options = options
        self._database = house.around.database
        self._door = Door(house, options)
        self._downloads = Downloads(house)
        self._sight = Sight(self._database, with_discord=house.with_discord)
        self._thumbnails = Thumbnails(house.around.photos)
        self._queues = QueueFolder(house.scratch.with_name(f"{house.scratch.name}-queue"))
        self._planning = asyncio.Semaphore(1)
        self._assets = load_assets(ASSETS)
        template = (ASSETS / TEMPLATE).read_text(encoding="utf-8")
        setup: dict[str, Any] = {
            "labels": label_keys(),
            "rejections": [each.value for each in Rejection],
            "platforms": [each.value for each in Platform],
            "formats": list(FORMATS),
            "most_exported": house.most_exported,
        }
        self._pages = {
            language: render(template, admin_texts(messages.of(language)), language, setup) for language in LANGUAGES
        }

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """What is done before the first and after the last request."""
        del app
        await asyncio.to_thread(sweep, self._house.scratch)
        try:
            await asyncio.to_thread(self._queues.sweep)
        except OSError as error:
            _log.error("what a killed process left of a queue could not be deleted: %s", error.strerror)
        settling = asyncio.create_task(self._door.settling(), name="bunri-admin-settling")
        yield
        settling.cancel()
        await asyncio.gather(settling, return_exceptions=True)
        self._thumbnails.close()
        self._queues.close()
        await self._door.close()

    async def page(self, request: web.Request) -> web.Response:
        """GET /admin: the page, which shows nothing to who is not signed in."""
        language = language_of(request, self._options)
        answer = web.Response(text=self._pages[language], content_type="text/html")
        answer.headers["Vary"] = "Accept-Language, Cookie"
        answer.headers["Content-Language"] = language
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    async def asset(self, request: web.Request) -> web.Response:
        """GET /admin/static/NAME: a file of the page."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise RequestRefusedError(Refusal.NOT_FOUND)
        return kept_by_browsers(request, asset.content, asset.content_type, asset.etag, charset="utf-8")

    async def login(self, request: web.Request) -> web.Response:
        """POST /admin/api/login ``{"token"}`` -> as ``me``, with a cookie."""
        session = await self._door.enter(request)
        answer = web.json_response(_who(session))
        self._door.give_cookie(request, answer, session)
        return answer

    async def logout(self, request: web.Request) -> web.Response:
        """POST /admin/api/logout: the stay ends."""
        await self._door.leave(self._door.poster(request))
        answer = web.json_response({})
        answer.del_cookie(COOKIE, path=PATH)
        return answer

    async def me(self, request: web.Request) -> web.Response:
        """GET /admin/api/me -> ``{"name", "may_export", "token"}``; ``{}`` where nobody is signed in."""
        session = self._door.visitor(request)
        return web.json_response({} if session is None else _who(session))

    async def queue(self, request: web.Request) -> web.Response:
        """GET /admin/api/queue, filters in its address -> ``{"matching", "start", "items"}``, the most useful first."""
        session = self._door.session_of(request)
        wanted = queue_query(request)
        # Sorting all photos takes a second or two and a core.
        async with self._planning:
            asked = wanted.request(with_discord=self._house.with_discord)
            folder = await asyncio.to_thread(self._queues.path)
            found = await queue_of(asked, wanted.start, _AT_ONCE, self._database, folder=folder)
        drawn = frozenset(each.item_id for each in found.items if each.is_random)
        session.drawn = drawn | session.drawn if wanted.start and asked.is_fair else drawn
        items = [_tile(each) for each in found.items]
        return web.json_response({"matching": found.matching, "start": wanted.start, "items": items})

    async def photo(self, request: web.Request) -> web.Response:
        """GET /admin/photos/ID, ``?large=1``: a kept photo, opened for this answer and kept by nobody."""
        session = self._door.session_of(request)
        side = LARGE if "large" in request.query else TILE
        photo = request.match_info["id"]
        try:
            await self._sight.check(photo, session)
            picture = await self._thumbnails.of(photo, side)
        except PhotoRejected as error:
            raise RequestRefusedError(Refusal.REJECTED) from error
        except FileNotFoundError as error:
            raise RequestRefusedError(Refusal.NOT_FOUND) from error
        except DatabaseUnavailable as error:
            _log.error("a kept photo could not be shown: %s", error)
            raise RequestRefusedError(Refusal.BUSY, retry_after=_SOON) from error
        except (DatabaseError, DecodeError) as error:
            _log.error("a kept photo cannot be opened: %s", error)
            raise RequestRefusedError(Refusal.NOT_FOUND) from error
        return web.Response(body=picture, content_type="image/jpeg", headers={"Cache-Control": "no-store"})

    async def word(self, request: web.Request) -> web.Response:
        """POST /admin/api/word ``{"photo", "label"}`` or ``{"photo", "rejected"}`` -> ``{"word": its number}``."""
        session = self._door.poster(request)
        said = await body_of(request, WordBody, self._options)
        what = said.rejected or said.label
        assert what is not None, "the body has one of them"
        try:
            await self._sight.check(said.photo, session)
            sitting = await self._sitting_of(session)
            number = await self._database.reviews.say(
                said.photo,
                what if isinstance(what, Rejection) else what.value,
                sitting,
                is_random=said.photo in session.drawn,
            )
        except PhotoForgotten as error:
            raise RequestRefusedError(Refusal.FORGOTTEN) from error
        except PhotoMissing as error:
            raise RequestRefusedError(Refusal.GONE) from error
        except PhotoRejected as error:
            raise RequestRefusedError(Refusal.REJECTED) from error
        if said.rejected:
            session.rejected.add(said.photo)
        session.words["labelled" if said.label else "rejected"] += 1
        return web.json_response({"word": number})

    async def undo(self, request: web.Request) -> web.Response:
        """POST /admin/api/undo ``{"word"}`` -> ``{"photo"}``: a word of this stay counts no longer."""
        session = self._door.poster(request)
        undone = await body_of(request, UndoBody, self._options)
        photo = None
        if session.sitting is not None:
            photo = await self._database.reviews.take_back(undone.word, session.sitting)
        if photo is None:
            raise RequestRefusedError(Refusal.GONE)
        session.rejected.discard(photo)
        session.words["taken_back"] += 1
        return web.json_response({"photo": photo})

    async def figures(self, request: web.Request) -> web.Response:
        """GET /admin/api/figures -> counts, the model, how often it was right."""
        self._door.session_of(request)
        counts = await self._database.reviews.counts()
        precision = await self._database.labels.precision()
        models = await self._house.models()
        return web.json_response(counts_json(counts, self._house.target) | models_json(models, precision))

    async def export(self, request: web.Request) -> web.StreamResponse:
        """POST /admin/api/export ``{"filters", "format", "reason", "limit"}`` -> a zip."""
        session = self._door.poster(request)
        return await self._downloads.send(request, await body_of(request, ExportBody, self._options), session.person)

    async def _sitting_of(self, session: Session) -> Import:
        """The import that this stay's words belong to, with its audit row; begun with the first word.

        One row a stay, not one a photo: each word is a row of ``labels`` already, under this import and with its time,
        and an audit row, which cannot be deleted, must not outlast a photo whose resident is forgotten.
        """
        async with session.beginning:
            if session.sitting is None:
                deed = Deed(session.person.name, "import", _WHY)
                session.sitting = await self._database.labels.begin(new_sitting(), SOURCE, deed)
            return session.sitting


def _who(session: Session) -> dict[str, object]:
    return {
        "name": session.person.name,
        "may_export": session.person.may_export,
        "token": csrf.token_of(session.id),
    }


def _tile(item: Item) -> dict[str, object]:
    return {
        "id": item.item_id,
        "month": item.month,
        "platform": item.source,
        "predicted": item.predicted,
        "score": item.score,
        "margin": item.margin,
        "resident": item.resident_label,
        "label": item.label if item.label_source == "relabelled" else "",
    }
