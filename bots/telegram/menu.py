"""The list of commands that Telegram shows, in each language; sent only when it changed."""

import hashlib
import json
import logging
from typing import Final

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bots.messages import Messages
from bots.request import Command
from db.notes import Notes
from guides import LANGUAGES, Language

_log = logging.getLogger(__name__)

_NOTE: Final = "telegram-commands"
_CLASSIFY: Final = "classify"
_PRIVATE_ONLY: Final = frozenset({Command.START, Command.MYDATA, Command.FORGET, Command.CONSENT})
_FOREIGN: Final[Language] = "en"
"""For readers of neither language."""


async def set_menu_if_changed(bot: Bot, messages: Messages, notes: Notes) -> None:
    """Tell Telegram the commands, unless it was told just these before. A failure costs the menu only."""
    wanted = {
        (language, is_group): _commands(messages, language or _FOREIGN, is_group=is_group)
        for language in (None, *LANGUAGES)
        for is_group in (False, True)
    }
    written = json.dumps([[bot.id, str(key), commands] for key, commands in wanted.items()], ensure_ascii=False)
    digest = hashlib.sha256(written.encode()).hexdigest()
    try:
        if await notes.get(_NOTE) == digest:
            return
        for (language, is_group), commands in wanted.items():
            await bot.set_my_commands(
                [BotCommand(name, meaning) for name, meaning in commands],
                scope=BotCommandScopeAllGroupChats() if is_group else BotCommandScopeAllPrivateChats(),
                language_code=language,
            )
        await notes.set(_NOTE, digest)
    except TelegramError as error:
        _log.warning("the list of commands was not sent (%s); it will be at the next start", type(error).__name__)


def _commands(messages: Messages, language: Language, *, is_group: bool) -> list[tuple[str, str]]:
    texts = messages.of(language)
    names = [command.value for command in Command if not (is_group and command in _PRIVATE_ONLY)]
    names.insert(0, _CLASSIFY)
    return [(name, texts(f"command-{name}")) for name in names]
