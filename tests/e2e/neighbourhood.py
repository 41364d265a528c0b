"""Residents of the fake Telegram who agree or not that their photos are kept, send some, and want to be forgotten."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from PIL import Image

from inference.cleaned import cleaned_photo
from tests.e2e.real_photos import RealPhotos
from tests.fake_telegram.server import FakeTelegram, buttons_of
from tests.fake_telegram.updates import Person, Script
from tests.planted import located_jpeg

NAME: Final = "Distinctivename"
CAPTION: Final = "a caption that nobody else would write"
FIRST_ID: Final = 8_765_432_100

PATIENCE_S: Final = 600.0
"""A busy machine is slow, and this test is not about that."""


@dataclass
class Neighbour(Person):
    """A resident, and what the photos show that they sent: by the SHA-256 of the photo as it may be kept."""

    truth: dict[str, str] = field(default_factory=dict)


@dataclass
class Neighbourhood:
    """All of them, in one town with one bot."""

    telegram: FakeTelegram
    photos: RealPhotos
    script: Script = field(default_factory=Script)
    seen: set[str] = field(default_factory=set)
    neighbours: list[Neighbour] = field(default_factory=list)

    def moves_in(self) -> Neighbour:
        """Somebody new."""
        number = FIRST_ID + len(self.neighbours)
        self.neighbours.append(Neighbour(number, f"{NAME}{len(self.neighbours)}"))
        return self.neighbours[-1]

    async def says(self, who: Neighbour, words: str) -> dict[str, Any]:
        """The bot's answer."""
        before = len(self.heard(who))
        self.telegram.feed(self.script.text(who, words))
        await self.telegram.until(lambda: len(self.heard(who)) > before, PATIENCE_S)
        return self.heard(who)[-1]

    async def presses(self, who: Neighbour, button: str, message: dict[str, Any]) -> str:
        """What the message became."""
        before = len(self._edited(who))
        self.telegram.feed(self.script.press(who, buttons_of(message)[button], message["message"]))
        await self.telegram.until(lambda: len(self._edited(who)) > before, PATIENCE_S)
        return str(self._edited(who)[-1]["text"])

    async def sends(self, who: Neighbour, label: str) -> str:
        """A photo of this label that nobody sent before, with all that cameras say in it; the bot's answer to it."""
        while True:
            with Image.open(self.photos.take(label)) as file:
                photo = located_jpeg(file.convert("RGB"))
            digest = hashlib.sha256(cleaned_photo(photo).data).hexdigest()
            if digest not in self.seen:
                break
        self.seen.add(digest)
        who.truth[digest] = label
        name = f"photo-{len(self.seen)}"
        self.telegram.files[name] = photo
        before = len(self.heard(who))
        self.telegram.feed(self.script.photo(who, name, len(photo), caption=CAPTION))
        await self.telegram.until(lambda: len(self.heard(who)) > before, PATIENCE_S)
        return str(self.heard(who)[before]["text"])

    def heard(self, who: Neighbour) -> list[dict[str, Any]]:
        """All that the bot sent them."""
        return [each for each in self.telegram.sent if each["chat_id"] == who.id]

    def _edited(self, who: Neighbour) -> list[dict[str, Any]]:
        return [each for each in self.telegram.edited if each["chat_id"] == who.id]


def kept(database: Path) -> int:
    """How many photos are whole in the vault of a running bot."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        [count] = connection.execute("SELECT count(*) FROM photos WHERE size IS NOT NULL").fetchone()
    return int(count)


def models(database: Path) -> list[str]:
    """Which model answered each photo, the newest last."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT model FROM queries WHERE kind = 'photo' ORDER BY rowid")]


def pseudonyms(database: Path) -> list[str]:
    """Of all whose photos are kept."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT DISTINCT user_key FROM photos")]
