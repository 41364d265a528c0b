"""Telegram under the contract, over a fake Bot API."""

import html
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bots.platforms import Platform
from bots.telegram.adapter import TelegramAdapter
from tests.contract.adapter import LIMIT, Home
from tests.fake_telegram.bot import options_for
from tests.fake_telegram.server import FakeTelegram, buttons_of
from tests.fake_telegram.updates import Person, Script

_SAYS = ("sendMessage", "editMessageText")


@dataclass
class TelegramUnderTest:
    """Somebody in a private chat."""

    telegram: FakeTelegram
    home: Home
    script: Script = field(default_factory=Script)
    person: Person = field(default_factory=Person)
    told: int = 0
    names: Iterator[int] = field(default_factory=count)

    @property
    def user(self) -> str:
        return str(self.person.id)

    async def send_photo(self, photo: bytes) -> None:
        await self._feed(self.script.photo(self.person, self._file(photo), size=len(photo)))

    async def send_album(self, photos: Sequence[bytes]) -> None:
        files = [(self._file(photo), len(photo)) for photo in photos]
        await self._feed(
            *(self.script.photo(self.person, name, size=size, media_group_id="album") for name, size in files)
        )

    async def send_document(self, content: bytes, name: str) -> None:
        await self._feed(self.script.document(self.person, self._file(content), size=len(content), file_name=name))

    async def send_text(self, text: str) -> None:
        await self._feed(self.script.text(self.person, text))

    async def press(self, text: str) -> None:
        message, data = next(
            (message, data)
            for message in reversed(self._messages())
            for words, data in reversed(buttons_of(message).items())
            if text in words
        )
        await self._feed(self.script.press(self.person, data, message))

    def heard(self) -> str:
        said = self._said()
        new, self.told = said[self.told :], len(said)
        return html.unescape(re.sub("<[^>]+>", "", "\n".join(each["text"] for each in new)))

    def captions(self) -> list[str]:
        return [each["caption"] for each in self.telegram.pictures]

    def buttons(self) -> list[str]:
        return [words for message in self._messages() for words in buttons_of(message)]

    def _messages(self) -> list[dict[str, Any]]:
        """Those of the bot, as they stand now."""
        messages = {each["message"]["message_id"]: each["message"] for each in self.telegram.sent}
        for edit in self.telegram.edited:
            kept = {key: each for key, each in messages[edit["message_id"]].items() if key != "reply_markup"}
            marked = {"reply_markup": edit["reply_markup"]} if edit.get("reply_markup") else {}
            messages[edit["message_id"]] = kept | {"text": edit["text"]} | marked
        return list(messages.values())

    def _said(self) -> list[dict[str, Any]]:
        return [call.parameters for call in self.telegram.calls if call.method in _SAYS]

    def _file(self, content: bytes) -> str:
        name = f"file{next(self.names)}"
        self.telegram.files[name] = content
        return name

    async def _feed(self, *updates: dict[str, Any]) -> None:
        before = len(self._said())
        self.telegram.feed(*updates)
        await self.home.until_answered(Platform.TELEGRAM, lambda: len(self._said()) > before)


@asynccontextmanager
async def telegram(home: Home) -> AsyncIterator[TelegramUnderTest]:
    async with FakeTelegram() as fake:
        adapter = TelegramAdapter(
            options_for(fake, max_photo_bytes=LIMIT), home.conversation, home.messages, home.database, wait_s=0.02
        )
        await adapter.start()
        try:
            yield TelegramUnderTest(fake, home)
        finally:
            await adapter.stop(5)
        assert fake.problems == [], "every request must be one that Telegram knows"
