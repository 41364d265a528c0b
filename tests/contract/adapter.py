"""What every way to reach Bunri must be able to do, seen from the resident's side."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.messages import Messages, load_messages
from bots.platforms import Platform
from db.database import Database
from db.my_data import MyData
from db.vault import PhotoVault
from guides import GuideBook, load_guides
from guides.things import ThingIndex, load_things
from inference.answer import Classification
from inference.errors import DecodeError, DecodeProblem
from tests.databases import SECRET
from tests.scripted_inference import ScriptedInference
from tests.vaults import folder_vault

LIMIT: Final = 1_000_000
"""Bytes that a photo may take."""

PATIENCE_S: Final = 20.0
"""How long an answer may take before a test fails."""

_POLL_S: Final = 0.01


class AdapterUnderTest(Protocol):
    """One resident in front of one adapter. What sends returns once it has been answered."""

    async def send_photo(self, photo: bytes) -> None:
        """One photo, as this platform's people send one."""

    async def send_album(self, photos: Sequence[bytes]) -> None:
        """Several at once."""

    async def send_document(self, content: bytes, name: str) -> None:
        """A file under its name, not turned into a photo by the platform."""

    async def send_text(self, text: str) -> None:
        """A text or a command."""

    async def press(self, text: str) -> None:
        """The newest button with this text in it."""

    def heard(self) -> str:
        """All that was said since the last call, without markup, in order."""

    def captions(self) -> list[str]:
        """Those of all pictures that were sent, in order."""

    def buttons(self) -> list[str]:
        """The texts of all buttons that can be pressed, oldest message first."""

    @property
    def user(self) -> str:
        """The resident's id on this platform."""


@dataclass
class Looking(ScriptedInference):
    """A scripted inference that refuses big photos by itself, as the real one does."""

    limit: int = field(default=LIMIT, kw_only=True)

    async def classify(self, image: bytes) -> Classification:
        if len(image) > self.limit:
            raise DecodeError(DecodeProblem.TOO_MANY_BYTES, limit=self.limit)
        return await super().classify(image)


@dataclass(frozen=True, slots=True)
class Home:
    """What adapters stand on: real parts, but for what looks at photos."""

    folder: Path
    inference: Looking
    database: Database
    vault: PhotoVault
    conversation: Conversation
    messages: Messages
    things: ThingIndex

    async def data_of(self, platform: Platform, adapter: AdapterUnderTest) -> MyData:
        """What is stored about the resident."""
        return await self.database.my_data(self.database.secret.user_key(platform.value, adapter.user))

    async def until_answered(self, platform: Platform, has_spoken: Callable[[], bool]) -> None:
        """Wait until something was said and nothing waits in the inbox any more."""
        for _ in range(round(PATIENCE_S / _POLL_S)):
            if has_spoken() and not (await self.database.inbox.counts(platform.value)).received:
                return
            await asyncio.sleep(_POLL_S)
        raise AssertionError(f"nothing was answered within {PATIENCE_S} seconds")


Opener = Callable[[Home], AbstractAsyncContextManager[AdapterUnderTest]]


@cache
def _words() -> tuple[GuideBook, Messages, ThingIndex]:
    guides = load_guides()
    guides.load()
    return guides, load_messages(), load_things()


@asynccontextmanager
async def opened_home(folder: Path, url: str, inference: Looking, *, keeps_photos: bool) -> AsyncIterator[Home]:
    """The parts, over a database that has its tables."""
    guides, messages, things = _words()
    database = await Database.open(url, SECRET)
    vault = folder_vault(folder / "vault", database)
    options = ConversationOptions(
        per_user_per_minute=10_000, per_chat_per_minute=10_000, discord_image_permission="given for these tests"
    )
    conversation = Conversation(
        inference,
        guides,
        messages,
        things=things,
        memory=database,
        options=options,
        vault=vault if keeps_photos else None,
    )
    try:
        yield Home(folder, inference, database, vault, conversation, messages, things)
    finally:
        await conversation.close()
        await database.close()
