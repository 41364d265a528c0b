"""The web page's HTTP interface under the contract, over a real socket."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from bots.web import WebOptions, WebServer, create_app, csrf
from tests.contract.adapter import LIMIT, Home
from tests.web_site import Visitor, visiting

_NOT_WORDS: Final = frozenset({"action", "kind", "label", "tone", "id", "receipt", "buttons", "button", "place"})


@dataclass
class WebUnderTest:
    """A browser's share of the talk; it follows the language and the place that an answer names, as the page does."""

    visitor: Visitor
    language: str = "ko"
    region: str = "kr"
    cards: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    told: int = 0

    @property
    def user(self) -> str:
        return next(each.value for each in self.visitor.http.cookie_jar if each.key == csrf.COOKIE)

    async def send_photo(self, photo: bytes) -> None:
        await self.send_album([photo])

    async def send_album(self, photos: Sequence[bytes]) -> None:
        await self._take(await self.visitor.send(*photos, language=self.language, region=self.region))

    async def send_document(self, content: bytes, name: str) -> None:
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("photo", content, filename=name, content_type="application/octet-stream")
        path = "api/classify"
        await self._take(await self.visitor.post(path, language=self.language, region=self.region, data=form))

    async def send_text(self, text: str) -> None:
        await self._take(await self.visitor.ask(text, language=self.language, region=self.region))

    async def press(self, text: str) -> None:
        place, action = next(
            (place, action)
            for place in reversed(range(len(self.cards)))
            for words, action in reversed(list(_buttons(self.cards[place])))
            if text in words
        )
        answer = await self.visitor.press(action, language=self.language, region=self.region)
        await self._take(answer, pressed=place)

    def heard(self) -> str:
        new, self.told = self.said[self.told :], len(self.said)
        return "\n".join(new)

    def captions(self) -> list[str]:
        return self.pictures

    def buttons(self) -> list[str]:
        return [words for card in self.cards for words, _ in _buttons(card)]

    async def _take(self, answer: aiohttp.ClientResponse, pressed: int | None = None) -> None:
        body = await answer.json()
        if answer.status != 200:
            self.said.append(body["message"])
            return
        if body["place"] == "edit" and pressed is not None:
            del self.cards[pressed]
        self.cards += body["cards"]
        self.pictures += [each["caption"] for each in body["pictures"]]
        # Banners come first, as the page shows them.
        self.said += ["\n".join(_words({"banners": card["banners"], **card})) for card in body["cards"]]
        self.language = body.get("language", self.language)
        self.region = body.get("region", self.region)


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in _NOT_WORDS:
                yield from _words(each)


def _buttons(value: object) -> Iterator[tuple[str, str]]:
    """Wherever in the card they are."""
    if isinstance(value, list):
        for each in value:
            yield from _buttons(each)
    elif isinstance(value, dict):
        if "action" in value:
            yield value["text"], value["action"]
        for each in value.values():
            yield from _buttons(each)


@asynccontextmanager
async def web(home: Home) -> AsyncIterator[WebUnderTest]:
    app = create_app(home.conversation, home.messages, WebOptions(max_bytes=LIMIT, requests_per_minute=10_000))
    async with WebServer(app, "127.0.0.1", 0) as server, visiting(server.url) as visitor:
        yield WebUnderTest(visitor)
