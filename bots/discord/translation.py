"""The words of commands in Discord's own lists, from the message files."""

from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bots.language import known_language
from bots.messages import Messages, Texts
from guides import Language

BASE_LANGUAGE: Final[Language] = "en"
"""What Discord shows in languages that Bunri does not speak."""


def named(name: str, key: str) -> locale_str:
    """A name that is ``name`` to the code, and to residents the message ``key``."""
    return locale_str(name, key=key)


def described(base: Texts, key: str) -> locale_str:
    """A description: the message ``key``."""
    return locale_str(base(key), key=key)


class MessageTranslator(app_commands.Translator):
    """Translates what ``named`` and ``described`` made, into the languages that Bunri speaks."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: app_commands.TranslationContext[Any, Any]
    ) -> str | None:
        """The message in that language; None where the base stands for it."""
        key = string.extras.get("key")
        language = known_language(locale.value)
        if not isinstance(key, str) or language is None:
            return None
        text = self._messages.of(language)(key)
        return None if text == string.message else text
