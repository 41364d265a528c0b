"""The web page on a free port, and a client that behaves like the page."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.keeping import Vault
from bots.messages import load_messages
from bots.web import WebOptions, WebServer, create_app
from bots.web.csrf import HEADER
from db.database import Database
from db.migrate import upgrade
from db.secret import Secret
from db.vault import PhotoVault
from guides import load_guides
from guides.things import load_things
from inference.interface import Inference
from tests.vaults import folder_vault


@asynccontextmanager
async def running_site(
    inference: Inference,
    options: WebOptions | None = None,
    *,
    drain_seconds: float = 10.0,
    head_seconds: float = 15.0,
    memory: Database | None = None,
    vault: Vault | None = None,
    talk: ConversationOptions | None = None,
    health: Callable[[], Awaitable[Mapping[str, object]]] | None = None,
) -> AsyncIterator[str]:
    """The address of the page, ending in a slash. Without ``memory`` nothing is logged or remembered."""
    messages = load_messages()
    conversation = Conversation(
        inference, load_guides(), messages, things=load_things(), memory=memory, vault=vault, options=talk
    )
    app = create_app(conversation, messages, options or WebOptions(), health=health)
    async with WebServer(app, "127.0.0.1", 0, drain_seconds=drain_seconds, head_seconds=head_seconds) as server:
        yield server.url
    await conversation.close()


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[tuple[Database, PhotoVault]]:
    """A database and a vault in this folder, as the program makes them."""
    url = f"sqlite:///{folder / 'bunri.sqlite3'}"
    await upgrade(url)
    database = await Database.open(url, Secret.from_text("a secret that is long enough for the tests"))
    try:
        yield database, folder_vault(folder / "vault", database)
    finally:
        await database.close()


@dataclass
class Visitor:
    """A browser's share of the talk: it keeps cookies and sends the token."""

    http: aiohttp.ClientSession
    url: str
    token: str

    async def send(
        self, *photos: bytes, language: str = "en", region: str | None = None, field: str = "photo"
    ) -> aiohttp.ClientResponse:
        """Post photos the way the page does."""
        form = aiohttp.FormData(default_to_multipart=True)
        for photo in photos:
            form.add_field(field, photo, filename="photo", content_type="application/octet-stream")
        return await self.post("api/classify", language=language, region=region, data=form)

    async def press(self, action: object, *, language: str = "en", region: str | None = None) -> aiohttp.ClientResponse:
        """Press a button."""
        return await self.post("api/press", language=language, region=region, json={"action": action})

    async def ask(self, text: object, *, language: str = "en", region: str | None = None) -> aiohttp.ClientResponse:
        """Send words."""
        return await self.post("api/ask", language=language, region=region, json={"text": text})

    async def post(
        self, path: str, *, language: str = "en", region: str | None = None, **body: object
    ) -> aiohttp.ClientResponse:
        """Post anything, with the token."""
        place = {} if region is None else {"region": region}
        answer: aiohttp.ClientResponse = await self.http.post(
            f"{self.url}{path}",
            params={"language": language, **place},
            headers={HEADER: self.token},
            **body,  # type: ignore[arg-type]
        )
        await answer.read()
        return answer


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Visitor]:
    """A visitor who has opened the page."""
    # Cookies for addresses instead of names need the unsafe jar; this one talks to 127.0.0.1 only.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.get(f"{url}api/setup") as answer:
            setup = await answer.json()
        yield Visitor(http, url, setup["token"])


async def cards(answer: aiohttp.ClientResponse) -> list[dict[str, object]]:
    assert answer.status == 200, await answer.text()
    told: list[dict[str, object]] = (await answer.json())["cards"]
    return told


async def error(answer: aiohttp.ClientResponse) -> tuple[int, str, str]:
    body = await answer.json()
    assert set(body) == {"error", "message"}
    return answer.status, body["error"], body["message"]


async def connection(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare socket, for what no proper client sends."""
    return await asyncio.open_connection("127.0.0.1", URL(url).port)


def upload_head(visitor: Visitor, header: str) -> bytes:
    """The head of an upload with one ``header`` about its body, which is still to come."""
    cookie = next(iter(visitor.http.cookie_jar))
    return (
        "POST /api/classify?language=en HTTP/1.1\r\nHost: x\r\n"
        f"Cookie: {cookie.key}={cookie.value}\r\nX-Bunri-Token: {visitor.token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\n{header}\r\n\r\n"
    ).encode()
