"""What Discord offers while somebody types a command. From memory alone: it is asked at every keystroke."""

from typing import Final

from discord.app_commands import Choice

from bots.conversation import Conversation
from bots.discord.translation import BASE_LANGUAGE
from bots.language import known_language
from bots.regions import every
from guides.things import ThingIndex

MOST: Final = 25
LONGEST: Final = 100
"""Discord's limits for choices."""


class Suggestions:
    """Names of things and of places."""

    def __init__(self, conversation: Conversation, things: ThingIndex) -> None:
        self._conversation = conversation
        self._things = things

    def things(self, typed: str, locale: str) -> list[Choice[str]]:
        """Names of things like what was typed, the likeliest first, each once; none for nothing."""
        words = typed.strip()
        if not words:
            return []
        names = dict.fromkeys(match.name for match in self._things.find(words[:LONGEST], limit=MOST))
        return [Choice(name=name[:LONGEST], value=name[:LONGEST]) for name in names][:MOST]

    def places(self, typed: str, locale: str) -> list[Choice[str]]:
        """Places whose rules Bunri knows and whose name holds what was typed, in the reader's language."""
        language = known_language(locale) or BASE_LANGUAGE
        wanted = typed.strip().casefold()
        places = every(self._conversation.regions(language))
        fitting = [each for each in places if wanted in each.name.casefold() or wanted in each.id]
        return [Choice(name=each.name[:LONGEST], value=each.id) for each in fitting][:MOST]
