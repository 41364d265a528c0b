"""What Discord offers while somebody types a command. From memory alone: it is asked at every keystroke."""

from typing import Final

from discord.app_commands import Choice
from rapidfuzz import fuzz

from bots.conversation import Conversation
from bots.discord.translation import BASE_LANGUAGE
from bots.language import known_language
from bots.picture_labels import in_keys
from bots.regions import every
from guides import LANGUAGES
from guides.things import ThingIndex
from inference.labels import LABELS, Label

MOST: Final = 25
LONGEST: Final = 100
"""Discord's limits for choices."""

_ALIKE: Final = 65.0
"""Least likeness, of 100, of a name to what was typed."""


class Suggestions:
    """Names of things, of labels and of places."""

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

    def kinds(self, typed: str, locale: str) -> list[Choice[str]]:
        """Labels named in the reader's language, found in any: the likest first; all of them where none is like it."""
        reader = known_language(locale) or BASE_LANGUAGE
        wanted = in_keys(typed.strip()[:LONGEST])
        liked = {label: self._likeness(label, wanted) for label in LABELS} if wanted else {}
        fitting = sorted((label for label in liked if liked[label] >= _ALIKE), key=lambda label: -liked[label])
        texts = self._conversation.texts(reader)
        return [Choice(name=texts(f"label-{label.value}"), value=label.value) for label in fitting or LABELS]

    def _likeness(self, label: Label, wanted: str) -> float:
        """0 to 100; what begins a name is like it already, the more the shorter the name."""
        called = (label.value, *(self._conversation.texts(each)(f"label-{label.value}") for each in LANGUAGES))
        names = [in_keys(each) for each in called]
        begun = [100 + fuzz.ratio(name, wanted) for name in names if name.startswith(wanted)]
        return max(begun or [fuzz.WRatio(name, wanted) for name in names])

    def places(self, typed: str, locale: str) -> list[Choice[str]]:
        """Places whose rules Bunri knows and whose name holds what was typed, in the reader's language."""
        language = known_language(locale) or BASE_LANGUAGE
        wanted = typed.strip().casefold()
        places = every(self._conversation.regions(language))
        fitting = [each for each in places if wanted in each.name.casefold() or wanted in each.id]
        return [Choice(name=each.name[:LONGEST], value=each.id) for each in fitting][:MOST]
