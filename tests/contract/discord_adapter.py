"""Discord under the contract, over a fake Discord, in direct messages."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from bots.discord.adapter import DiscordAdapter
from bots.platforms import Platform
from tests.contract.adapter import LIMIT, Home
from tests.fake_discord import FakeDiscord, running
from tests.fake_discord.bot import OPTIONS
from tests.fake_discord.payloads import ALICE, DM_CHANNEL, attachment


@dataclass
class DiscordUnderTest:
    """Somebody in a direct message."""

    discord_: FakeDiscord
    home: Home
    told: int = 0
    names: Iterator[int] = field(default_factory=count)

    @property
    def user(self) -> str:
        return str(ALICE)

    async def send_photo(self, photo: bytes) -> None:
        await self._say(attachments=[self._file(photo, "photo.jpg")])

    async def send_album(self, photos: Sequence[bytes]) -> None:
        await self._say(attachments=[self._file(photo, "photo.jpg") for photo in photos])

    async def send_document(self, content: bytes, name: str) -> None:
        await self._say(attachments=[self._file(content, name, "application/octet-stream")])

    async def send_text(self, text: str) -> None:
        await self._say(text)

    async def press(self, text: str) -> None:
        message, custom_id, choice = next(
            (message, custom_id, choice)
            for message in reversed(self.discord_.messages_of_bunri())
            for words, custom_id, choice in reversed(list(_pressable(message)))
            if text in words
        )
        before = len(self._said())
        there = message | {"channel_id": str(DM_CHANNEL)}
        await self.discord_.press(custom_id, there, locale="ko", choice=choice)
        await self._until_answered(before)

    def heard(self) -> str:
        said = self._said()
        new, self.told = said[self.told :], len(said)
        return "\n".join(new)

    def captions(self) -> list[str]:
        bodies = [call.body for call in self.discord_.calls if isinstance(call.body, dict) and call.files]
        return [each["description"] for body in bodies for each in body.get("attachments") or ()]

    def buttons(self) -> list[str]:
        return [words for message in self.discord_.messages_of_bunri() for words, _, _ in _pressable(message)]

    def _said(self) -> list[str]:
        bodies = [
            call.body
            for call in self.discord_.calls
            if call.path == f"/channels/{DM_CHANNEL}/messages" or call.path.startswith("/webhooks/")
            if call.method in {"POST", "PATCH"}
        ]
        return [
            "\n".join([each.get("content") or "", *(embed["description"] for embed in each.get("embeds") or ())])
            for each in bodies
        ]

    def _file(self, content: bytes, name: str, content_type: str = "image/jpeg") -> dict[str, Any]:
        url = self.discord_.put_file(f"{next(self.names)}-{name}", content)
        return attachment(url, name, len(content), content_type)

    async def _say(self, text: str = "", **more: Any) -> None:
        before = len(self._said())
        await self.discord_.say(ALICE, DM_CHANNEL, text, **more)
        await self._until_answered(before)

    async def _until_answered(self, before: int) -> None:
        await self.home.until_answered(Platform.DISCORD, lambda: len(self._said()) > before)


def _pressable(message: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The buttons and the entries of menus: text, custom id, and of a menu which entry."""
    for row in message["components"]:
        for each in row["components"]:
            if each["type"] == 2:
                yield each["label"], each["custom_id"], ""
            for option in each.get("options", ()):
                yield option["label"], each["custom_id"], option["value"]


@asynccontextmanager
async def discord(home: Home) -> AsyncIterator[DiscordUnderTest]:
    async with running() as fake:
        options = replace(OPTIONS, max_photo_bytes=LIMIT)
        adapter = DiscordAdapter(
            options, home.conversation, home.messages, home.things, home.database, retry_seconds=0.05
        )
        await adapter.start()
        await fake.connected()
        try:
            yield DiscordUnderTest(fake, home)
        finally:
            await adapter.stop()
        assert fake.violations == []
