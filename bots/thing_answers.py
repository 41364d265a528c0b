"""Words in, the thing that they name out: a label's guide, an everyday thing, or a choice between several."""

import re
from typing import Final

from bots.cards import CardWriter
from bots.guide_cards import choice_card, nothing_found_card, thing_card
from bots.query_writer import QueryWriter
from bots.reply import Reply
from bots.request import Resident
from guides import GuideBook
from guides.things import ThingIndex
from inference.labels import Label

LONGEST_TEXT: Final = 200
"""Characters that are looked at; a thing's name is shorter."""

_BETWEEN: Final = re.compile(r"[·,&]| and ")


class ThingAnswers:
    """Finds what words mean, in this order: a label by its own name, a thing by its exact name, a label by one of its
    other names, a thing in other words, several things. "Milk carton" is a thing, though it is also called paper.
    """

    def __init__(self, guides: GuideBook, things: ThingIndex, queries: QueryWriter) -> None:
        self._guides = guides
        self._things = things
        self._queries = queries

    async def reply(self, text: str, resident: Resident, writer: CardWriter) -> Reply:
        """The answer to words; what was found is logged, and not the words."""
        words = text.strip()[:LONGEST_TEXT]
        label = self._guides.label_named(words, resident.region) if words else None
        matches = self._things.find(words) if words else ()
        if label is not None and not (matches and matches[0].is_exact and not _names(words, Label(label), writer)):
            return await self.guide(Label(label), resident, writer)
        if not matches:
            await self._queries.asked("thing", resident, problem="not_found")
            return Reply((nothing_found_card(writer),))
        first = matches[0]
        if first.is_sure:
            return await self.thing(first.thing.id, resident, writer)
        await self._queries.asked("thing", resident, problem="several")
        return Reply((choice_card(matches, writer),))

    async def guide(self, label: Label, resident: Resident, writer: CardWriter) -> Reply:
        """The guide of a kind, asked for by name."""
        await self._queries.asked("guide", resident, label=label.value)
        return Reply((writer.guide(label),))

    async def thing(self, name: str, resident: Resident, writer: CardWriter) -> Reply:
        """One thing by its id; an id of another version finds nothing."""
        thing = self._things.get(name)
        if thing is None:
            return Reply((nothing_found_card(writer),))
        await self._queries.asked("thing", resident, label=thing.label, thing=name)
        return Reply((thing_card(thing, self._guides.chain(resident.region), writer),))


def _names(words: str, label: Label, writer: CardWriter) -> bool:
    """Whether they are what the label itself is called here, or a part of it: "cans" of "cans and metal"."""
    called = (label.value, writer.name(label), *_BETWEEN.split(writer.name(label)))
    return words.casefold() in {each.strip().casefold() for each in called}
