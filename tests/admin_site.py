"""The admin page on a free port, over a database and a vault; and somebody who signs in to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp

from bots.conversation import Conversation
from bots.messages import load_messages
from bots.web import WebOptions, WebServer, create_app
from bots.web.admin import AdminHouse, AdminPerson, ModelChange, Models, add_admin, token_digest
from bots.web.csrf import HEADER
from db.database import Database
from guides import load_guides
from guides.things import load_things
from tests.kept_photos import surroundings
from tests.scripted_inference import ScriptedInference

ANNAS_TOKEN: Final = "the token of anna, long enough"
BORAS_TOKEN: Final = "the token of bora, long enough"
PEOPLE: Final = (
    AdminPerson("anna", True, token_digest(ANNAS_TOKEN)),
    AdminPerson("bora", False, token_digest(BORAS_TOKEN)),
)


async def _models() -> Models:
    return Models("tiny 2", (ModelChange(datetime(2026, 5, 1, tzinfo=UTC), "tiny 2", "right more often"),))


@asynccontextmanager
async def running_admin(
    database: Database, folder: Path, options: WebOptions | None = None, **limits: Any
) -> AsyncIterator[str]:
    """The address of the web page with an admin page on it; the vault is in ``folder / "vault"``."""
    chosen = options or WebOptions()
    messages = load_messages()
    conversation = Conversation(
        ScriptedInference(), load_guides(), messages, things=load_things(), memory=database, vault=None
    )
    app = create_app(conversation, messages, chosen)
    house = AdminHouse(PEOPLE, surroundings(database, folder / "vault"), folder / "scratch", _models)
    add_admin(app, replace(house, **limits), messages, chosen)
    async with WebServer(app, "127.0.0.1", 0) as server:
        yield server.url
    await conversation.close()


@dataclass
class Worker:
    """A browser's share: it keeps the cookie and sends the token of its stay."""

    http: aiohttp.ClientSession
    url: str
    token: str = "login"

    async def get(self, path: str, **query: str | list[str]) -> aiohttp.ClientResponse:
        """Ask for something."""
        pairs = [(key, each) for key, value in query.items() for each in ([value] if isinstance(value, str) else value)]
        answer = await self.http.get(f"{self.url}admin/{path}", params=[("language", "en"), *pairs])
        await answer.read()
        return answer

    async def post(self, path: str, body: object, **options: Any) -> aiohttp.ClientResponse:
        """Send something, with the token."""
        answer = await self.http.post(
            f"{self.url}admin/api/{path}", params={"language": "en"}, json=body, headers={HEADER: self.token}, **options
        )
        await answer.read()
        return answer

    async def sign_in(self, token: str) -> aiohttp.ClientResponse:
        """With this token."""
        answer = await self.post("login", {"token": token})
        if answer.ok:
            self.token = (await answer.json())["token"]
        return answer

    async def queue(self, **query: str | list[str]) -> list[str]:
        """The ids of the photos that come up."""
        answer = await self.get("api/queue", **query)
        assert answer.status == 200, await answer.text()
        return [each["id"] for each in (await answer.json())["items"]]


@asynccontextmanager
async def working(url: str, token: str | None = None) -> AsyncIterator[Worker]:
    """Somebody at the page, signed in where there is a token."""
    # Cookies for addresses instead of names need the unsafe jar; this one talks to 127.0.0.1 only.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        worker = Worker(http, url)
        if token is not None:
            assert (await worker.sign_in(token)).status == 200
        yield worker


async def code_of(answer: aiohttp.ClientResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    body = await answer.json()
    assert set(body) == {"error", "message"}
    return answer.status, body["error"]
