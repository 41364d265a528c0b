"""The terminal under the contract."""

import re
import shlex
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from bots.console.adapter import ConsoleAdapter
from tests.contract.adapter import LIMIT, Home

_BUTTON: Final = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)

_CAPTIONS: Final = ("AI 생성 그림: ", "AI-generated picture: ")


@dataclass
class ConsoleUnderTest:
    """Somebody who types."""

    home: Home
    shown: list[str] = field(default_factory=list)
    told: int = 0
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.console = ConsoleAdapter(
            self.home.conversation, self.shown.append, max_photo_bytes=LIMIT, pictures=self.home.folder / "pictures"
        )

    @property
    def user(self) -> str:
        return "terminal"

    async def send_photo(self, photo: bytes) -> None:
        await self.send_document(photo, "a photo.jpg")

    async def send_album(self, photos: Sequence[bytes]) -> None:
        await self.console.take(shlex.join(self._file(photo, "photo.jpg") for photo in photos))

    async def send_document(self, content: bytes, name: str) -> None:
        await self.console.take(shlex.quote(self._file(content, name)))

    async def send_text(self, text: str) -> None:
        await self.console.take(text)

    async def press(self, text: str) -> None:
        numbered = [match.groups() for said in self.shown for match in _BUTTON.finditer(said)]
        await self.console.take(next(number for number, words in reversed(numbered) if text in words))

    def heard(self) -> str:
        new = self.shown[self.told :]
        self.told = len(self.shown)
        return "\n".join(new)

    def captions(self) -> list[str]:
        return [line for said in self.shown for line in said.splitlines() if line.startswith(_CAPTIONS)]

    def buttons(self) -> list[str]:
        return [match[2] for said in self.shown for match in _BUTTON.finditer(said)]

    def _file(self, content: bytes, name: str) -> str:
        path = self.home.folder / f"{next(self.numbers)} {name}"
        path.write_bytes(content)
        return str(path)


@asynccontextmanager
async def console(home: Home) -> AsyncIterator[ConsoleUnderTest]:
    yield ConsoleUnderTest(home)
