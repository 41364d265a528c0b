"""The index of everyday things: a word such as "우유팩" or "pizza box" -> where it goes, in a place and a language.

``load_things().find("우유팩은 어떻게 버려요?")[0].thing.disposal(("kr", "intl"), "ko")`` -> a :class:`ThingDisposal`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guides.errors import GuideFileError
from guides.schema import LANGUAGES, Language
from guides.thing_files import NOTES_FILE, STREAMS_FILE, PlaceTexts, WrittenThing, read_texts, read_things
from guides.thing_search import NameSearch, Spelling

THINGS_FOLDER: Final = Path(__file__).parent / "things_data"
_EVERYWHERE: Final = "intl"


@dataclass(frozen=True, slots=True)
class ThingDisposal:
    """Where a thing goes, in words for the reader.

    Attributes:
        name: what it is called in the reader's language.
        label: the label whose guide says more, if any does.
        stream: the bin or service; in Korea with its Korean name also in English.
        note: one or two sentences, or empty.

    """

    name: str
    label: str | None
    stream: str
    note: str


@dataclass(frozen=True, slots=True)
class Thing:
    """An everyday thing.

    Attributes:
        id: at most 32 of a-z, 0-9 and hyphens.
        names: what it is called in each language, the first being the one that is shown.
        label: the label whose guide says more, if any does.
        is_common: whether it is offered before others that a word could mean as well.
        texts: (stream, note) by place and language.

    """

    id: str
    names: Mapping[Language, tuple[str, ...]]
    label: str | None
    is_common: bool
    texts: Mapping[tuple[str, Language], tuple[str, str]]

    def disposal(self, place_chain: Sequence[str], language: Language) -> ThingDisposal:
        """Where it goes in the nearest place that has an answer; elsewhere the general answer.

        Args:
            place_chain: jurisdictions, the nearest first, as ``GuideBook.chain`` gives them.
            language: the reader's language.

        """
        for place in (*place_chain, _EVERYWHERE):
            if (found := self.texts.get((place, language))) is not None:
                return ThingDisposal(self.names[language][0], self.label, *found)
        raise AssertionError(f"{self.id} has no general answer")  # the loader refuses such a thing


@dataclass(frozen=True, slots=True)
class ThingMatch:
    """A thing that a question may mean.

    Attributes:
        thing: the thing.
        name: the name that was recognised.
        score: 0 to 1; 1 is the exact name.
        is_sure: whether it can be answered without asking back.

    """

    thing: Thing
    name: str
    score: float
    is_sure: bool

    @property
    def is_exact(self) -> bool:
        """Whether the question was the name itself."""
        return self.score == 1.0


class ThingIndex:
    """Finds things by what people call them. Immutable; safe to share between threads."""

    def __init__(self, things: Sequence[Thing]) -> None:
        self._by_id = {each.id: each for each in things}
        spellings = [
            Spelling(each.id, name, is_shown=place == 0, is_common=each.is_common)
            for each in things
            for language in LANGUAGES
            for place, name in enumerate(each.names[language])
        ]
        self._search = NameSearch(spellings)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def things(self) -> tuple[Thing, ...]:
        return tuple(self._by_id.values())

    def get(self, thing_id: str) -> Thing | None:
        return self._by_id.get(thing_id)

    def find(self, text: str, limit: int = 5) -> tuple[ThingMatch, ...]:
        """The things a question may mean, the likeliest first; empty for what names none.

        Only the first can be sure, and then it is the one to answer with. Never raises for any text; what
        comes after 200 characters is not read.
        """
        found = self._search.find(text, limit)
        return tuple(ThingMatch(self._by_id[each.thing_id], each.name, each.score, each.is_sure) for each in found)


def load_things(folder: Path = THINGS_FOLDER) -> ThingIndex:
    """The index, read and checked.

    Raises:
        GuideFileError: a file is faulty; says which one and where in it.

    """
    streams = read_texts(folder / STREAMS_FILE)
    notes = read_texts(folder / NOTES_FILE)
    written = read_things(folder, streams, notes)
    if not written:
        raise GuideFileError(folder, "", "holds no things")
    return ThingIndex([_thing(thing_id, each, streams, notes) for thing_id, each in written.items()])


def _thing(thing_id: str, written: WrittenThing, streams: PlaceTexts, notes: PlaceTexts) -> Thing:
    texts: dict[tuple[str, Language], tuple[str, str]] = {}
    for place, disposal in written.places.items():
        for language in LANGUAGES:
            stream = streams[place][disposal.stream].read_in(language)
            note = notes[place][disposal.note].read_in(language) if disposal.note else ""
            texts[place, language] = (stream, note)
    return Thing(thing_id, written.names, written.label, written.is_common, texts)
