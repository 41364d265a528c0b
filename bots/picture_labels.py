"""Which label somebody means who asks for a picture: in any language, with a slip of the keys as well."""

import unicodedata
from typing import Final

from rapidfuzz import fuzz, process

from bots.messages import Messages
from guides import LANGUAGES, GuideBook, GuideMissing
from inference.labels import LABELS, Label

_ALIKE: Final = 75.0
"""Least likeness, of 100, at which a misspelt name counts as meant."""


def label_meant(words: str, region: str, guides: GuideBook, messages: Messages) -> Label | None:
    """The label that has this name or one like it; None where there is none."""
    if not words:
        return None
    named = guides.label_named(words, region)
    if named is not None:
        return Label(named)
    names = {
        called: label
        for label in LABELS
        for called in (label.value, *_names(label, messages), *_titles(label, region, guides))
    }
    found = process.extractOne(words, tuple(names), processor=in_keys, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if found is None else names[found[0]]


def in_keys(text: str) -> str:
    """As it was typed, in small letters: Korean by its letters, so that a slip of one key is a small one."""
    return unicodedata.normalize("NFD", text.casefold())


def _names(label: Label, messages: Messages) -> tuple[str, ...]:
    return tuple(messages.of(each)(f"label-{label.value}") for each in LANGUAGES)


def _titles(label: Label, region: str, guides: GuideBook) -> tuple[str, ...]:
    titles = []
    for each in LANGUAGES:
        try:
            titles.append(guides.find(label.value, region, each).title)
        except GuideMissing:
            continue
    return tuple(titles)
