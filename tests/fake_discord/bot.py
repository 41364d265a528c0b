"""Bunri's adapter with a conversation that says what a test tells it to say."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from bots.conversation import Conversation
from bots.discord.adapter import DiscordAdapter
from bots.discord.options import DiscordOptions
from bots.language import known_language
from bots.messages import Messages, Texts, load_messages
from bots.regions import Region
from bots.reply import Card, CardKind, Reply
from bots.request import ButtonPressed, CommandSent, PhotosSent, Request, Resident, Sender, TextSent
from db.database import Database
from db.migrate import upgrade
from db.secret import Secret
from guides import Language
from guides.things import ThingIndex, load_things
from inference.errors import DecodeError
from tests.fake_discord.server import TOKEN

SECRET: Final = Secret.from_text("a secret of the tests that is long enough to be one " * 2)

OPTIONS: Final = DiscordOptions(token=TOKEN, shards_above=None)

R = TypeVar("R")


class ScriptedConversation(Conversation):
    """Says what it was asked, as its headline, unless a script says something else; remembers who asked."""

    def __init__(self, messages: Messages) -> None:
        self._all = messages
        self.asked: list[tuple[Request, Resident]] = []
        self.senders: list[Sender] = []
        self.scripts: dict[str, Reply] = {}
        self.before_reply: Callable[[], object] | None = None

    def texts(self, language: Language) -> Texts:
        return self._all.of(language)

    def regions(self, language: Language) -> tuple[Region, ...]:
        return (Region("kr", "South Korea"), Region("intl", "Elsewhere"))

    async def resident(self, sender: Sender) -> Resident:
        self.senders.append(sender)
        language = known_language(sender.locale) or "ko"
        return Resident(language, "kr", sender.platform, sender.user, sender.chat, sender.is_private)

    async def reply(self, request: Request, resident: Resident) -> Reply:
        self.asked.append((request, resident))
        words = said(request)
        return self.scripts.get(words, card_reply(words))

    def busy(self, resident: Resident) -> Reply:
        return card_reply("busy")

    def failed(self, resident: Resident) -> Reply:
        return card_reply("failed")


def card_reply(headline: str) -> Reply:
    return Reply((Card(CardKind.INFO, headline),))


def said(request: Request) -> str:
    """A request in a few words: ``photos 2``, ``press guide:paper``, ``guide pizza box``, ``text 우유팩``."""
    match request:
        case PhotosSent(photos=photos):
            problems = [each.problem.value for each in photos if isinstance(each, DecodeError)]
            return " ".join(["photos", str(len(photos)), *problems])
        case ButtonPressed(action=action):
            return f"press {type(action).__name__}"
        case CommandSent(command=command, argument=argument):
            return f"{command} {argument}".strip()
        case TextSent(text=text):
            return f"text {text}"


async def open_database(folder: Path) -> Database:
    url = f"sqlite+aiosqlite:///{folder / 'bunri.sqlite3'}"
    await upgrade(url)
    return await Database.open(url, SECRET)


def things() -> ThingIndex:
    return load_things()


@contextlib.asynccontextmanager
async def started(
    folder: Path,
    conversation: ScriptedConversation | None = None,
    **changes: Any,
) -> AsyncIterator[tuple[DiscordAdapter, ScriptedConversation]]:
    """The adapter, started against whatever discord.py is pointed at, with a database in ``folder``."""
    messages = load_messages()
    speaks = conversation or ScriptedConversation(messages)
    database = await open_database(folder)
    options: DiscordOptions = replace(OPTIONS, **changes)
    adapter = DiscordAdapter(options, speaks, messages, things(), database, retry_seconds=0.05)
    try:
        await adapter.start()
        try:
            yield adapter, speaks
        finally:
            await adapter.stop()
    finally:
        await database.close()


def first_asked(conversation: ScriptedConversation, kind: type[R]) -> R:
    """The first request, which must be of this kind."""
    request, _ = conversation.asked[0]
    assert isinstance(request, kind)
    return request
