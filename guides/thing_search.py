"""Finds the name that a question means: exactly, as a part of it, or in spite of a slip of the keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from guides.thing_words import (
    is_korean,
    jamo_of,
    key_of,
    meanings_of,
    readings_of,
    singular,
    without_particle,
    words_of,
)

SURE: Final = 0.85
"""Least likeness (0 to 1, letters) at which a misspelt name counts as recognised, if no other is near."""

POSSIBLE: Final = 0.76
"""Least likeness at which a misspelt name is offered at all."""

MARGIN: Final = 0.05
"""How much better than the next thing the best must be to need no question back."""

_HEAD: Final = 0.9
_TAIL: Final = 0.84
"""A compound that ends in a name of two syllables may be another thing: fish (물고기) is not meat (고기)."""
_PART: Final = 0.7
_MENTION: Final = 0.84
"""A name before the head: enough to ask back ("a toy with a battery"), never enough to answer."""
_SHOWN_NAME: Final = 0.02
_COMMON: Final = 0.03
_OTHER_BEGINNING: Final = 0.1
"""Slips seldom fall on the first letter, so names that begin otherwise are less likely."""
_FEWEST_LETTERS: Final = 4
"""Shorter words (in jamo or Latin letters) are too easily another word with one slip."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """One name of one thing."""

    thing_id: str
    name: str
    is_shown: bool
    """Whether it is the first of its language, the one people mean most."""
    is_common: bool = False
    """Whether the thing is offered before others that a word could mean as well."""


@dataclass(frozen=True, slots=True)
class Found:
    """A name that may be meant; score is 0 to 1."""

    thing_id: str
    name: str
    score: float
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    spelling: Spelling
    words: tuple[str, ...]
    key: str
    is_korean: bool


class NameSearch:
    """The names, prepared once."""

    def __init__(self, spellings: Sequence[Spelling]) -> None:
        self._entries = tuple(_entry(each) for each in spellings)
        self._exact = {each.key: each.spelling for each in reversed(self._entries)}
        self._letters = [jamo_of(each.key) for each in self._entries]
        self._longest_words = max((len(each.words) for each in self._entries), default=1)

    def find(self, text: str, limit: int) -> tuple[Found, ...]:
        """Tried in order: the exact name; a name at the end of, or within, the question; parts and slips."""
        readings = readings_of(text)
        for reading in readings:
            if (same := self._exact.get(key_of(reading))) is not None:
                return (Found(same.thing_id, same.name, 1.0, is_sure=True),)
        best: dict[str, Found] = {}
        for reading in meanings_of(text):
            for found in (*self._named_within(reading), *self._alike(reading)):
                if found.thing_id not in best or best[found.thing_id].score < found.score:
                    best[found.thing_id] = found
        ranked = sorted(best.values(), key=lambda each: (-each.score, len(each.name)))
        if not ranked:
            return ()
        if ranked[0].score >= SURE and (len(ranked) == 1 or ranked[0].score - ranked[1].score >= MARGIN):
            first = ranked[0]
            ranked[0] = Found(first.thing_id, first.name, first.score, is_sure=True)
        return tuple(ranked[: max(limit, 0)])

    def _named_within(self, reading: tuple[str, ...]) -> list[Found]:
        """Names that are whole words of the question, or end a Korean compound; the head comes last."""
        found: list[Found] = []
        for end in range(len(reading), 0, -1):
            for start in range(max(0, end - self._longest_words), end):
                same = self._exact.get(key_of(reading[start:end]))
                if same is None:
                    continue
                base = _MENTION
                if end == len(reading):
                    base = _TAIL if start > 0 and _is_vague(same.name) else _HEAD
                found.append(Found(same.thing_id, same.name, base - 0.02 * start))
                break
        word = reading[-1]
        for tail in dict.fromkeys((word, without_particle(word))):
            for start in range(1, len(tail) - 1):
                same = self._exact.get(tail[start:]) if is_korean(tail) else None
                if same is not None:
                    base = _HEAD if len(tail) - start > 2 else _TAIL
                    found.append(Found(same.thing_id, same.name, base - 0.02 * start))
                    break
        return found

    def _alike(self, reading: tuple[str, ...]) -> list[Found]:
        key = key_of(reading)
        letters = jamo_of(key)
        likeness = process.cdist([letters], self._letters, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
        found: list[Found] = []
        for index, entry in enumerate(self._entries):
            score = float(likeness[index]) if len(letters) >= _FEWEST_LETTERS else 0.0
            if score > 0 and letters[0] != self._letters[index][0]:
                score -= _OTHER_BEGINNING
            score = 0.0 if score < _least(len(letters)) else min(score, _most(len(letters)))
            if len(entry.key) > len(key) and self._is_part(reading, key, entry):
                shown = _SHOWN_NAME if entry.spelling.is_shown else 0.0
                common = _COMMON if entry.spelling.is_common else 0.0
                score = max(score, _PART + shown + common + 0.08 * len(key) / len(entry.key))
            if score > 0:
                found.append(Found(entry.spelling.thing_id, entry.spelling.name, score))
        return found

    @staticmethod
    def _is_part(reading: tuple[str, ...], key: str, entry: _Entry) -> bool:
        if entry.is_korean:
            return is_korean(key) and (entry.key.endswith(key) or (len(key) > 1 and entry.key.startswith(key)))
        asked = {singular(each) for each in reading}
        return len(key) > 1 and asked <= {singular(each) for each in entry.words}


def _least(letters: int) -> float:
    """Short words need to be more alike, because one letter makes another word of them."""
    return POSSIBLE if letters > 7 else POSSIBLE + 0.06


def _most(letters: int) -> float:
    """A slip in a very short word is never sure: "ping" is not a pin."""
    return 0.99 if letters > 5 else SURE - 0.01


def _is_vague(name: str) -> bool:
    """Whether a word before the name can make another thing of it: a gas can is no drink can."""
    return len(name) <= (1 if is_korean(name) else 4)


def _entry(spelling: Spelling) -> _Entry:
    words = words_of(spelling.name)
    return _Entry(spelling, words, key_of(words), is_korean(spelling.name))
