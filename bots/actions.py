"""What a button does. The state lives in the button's id, so that buttons survive a restart.

An id is a verb and its arguments, ``verb:argument:argument``, at most 64 bytes, as chat platforms allow.
``query`` is the id of the logged query that the button is about: eight characters of A-Z and 2-9.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final, get_args

from bots.reply_sections import SectionKind
from guides import LANGUAGES, Language
from inference.labels import Label

LONGEST_ID: Final = 64
"""Bytes (Telegram Bot API, InlineKeyboardButton.callback_data; Discord allows 100)."""


@dataclass(frozen=True, slots=True)
class ShowGuide:
    """How to dispose of one kind of thing."""

    label: Label


@dataclass(frozen=True, slots=True)
class ShowLabels:
    """All twelve labels to choose from, and how to take a better photo."""


@dataclass(frozen=True, slots=True)
class ShowSection:
    """One part of a guide that the short form of an answer leaves out."""

    label: Label
    section: SectionKind


@dataclass(frozen=True, slots=True)
class AskCondition:
    """The question about the thing's state with this id in the guide: greasy? broken?"""

    label: Label
    condition: str


@dataclass(frozen=True, slots=True)
class AnswerCondition:
    """The reader's answer to such a question, by its id."""

    label: Label
    condition: str
    answer: str


@dataclass(frozen=True, slots=True)
class ShowThing:
    """What holds for one everyday thing, by its id in the index."""

    thing: str


@dataclass(frozen=True, slots=True)
class Pick:
    """The reader chose among the candidates of a question: their guide, and a correction to keep."""

    query: str
    label: Label


@dataclass(frozen=True, slots=True)
class SayRight:
    """The answer was right."""

    query: str


@dataclass(frozen=True, slots=True)
class SayWrong:
    """The answer was wrong: which label is it?"""

    query: str


@dataclass(frozen=True, slots=True)
class Correct:
    """The answer was wrong, and this is the label."""

    query: str
    label: Label


class Unanswerable(StrEnum):
    """Why none of the twelve labels fits."""

    NONE = "none"
    SEVERAL = "several"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class SayUnanswerable:
    """None of these, several things, or nothing to see: how to go on."""

    query: str
    reason: Unanswerable


@dataclass(frozen=True, slots=True)
class SetConsent:
    """Whether photos may be kept: given or refused, under this version of the text."""

    given: bool
    version: str


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Read in this language from now on."""

    language: Language


@dataclass(frozen=True, slots=True)
class SetRegion:
    """Follow the rules of this place from now on."""

    region: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete everything about me, confirmed; or leave it."""

    confirmed: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """Make a new picture of this kind."""

    label: Label


Action = (
    ShowGuide
    | ShowLabels
    | ShowSection
    | AskCondition
    | AnswerCondition
    | ShowThing
    | Pick
    | SayRight
    | SayWrong
    | Correct
    | SayUnanswerable
    | SetConsent
    | SetLanguage
    | SetRegion
    | Forget
    | Draw
)

_VERBS: Final[Mapping[str, type[Action]]] = {
    "guide": ShowGuide,
    "labels": ShowLabels,
    "section": ShowSection,
    "ask": AskCondition,
    "say": AnswerCondition,
    "thing": ShowThing,
    "pick": Pick,
    "right": SayRight,
    "wrong": SayWrong,
    "fix": Correct,
    "unfit": SayUnanswerable,
    "consent": SetConsent,
    "lang": SetLanguage,
    "region": SetRegion,
    "forget": Forget,
    "draw": Draw,
}
_VERB_OF: Final = {kind: verb for verb, kind in _VERBS.items()}
assert set(_VERB_OF) == set(get_args(Action))

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_QUERY: Final = re.compile(r"[A-Z2-9]{8}")
_VERSION: Final = re.compile(r"[0-9]{1,8}")


class UnknownActionError(ValueError):
    """A button id that this version does not know: an old button, or a forged one."""


def action_id(action: Action) -> str:
    """The id of a button: ``guide:paper``, ``labels``, ``fix:K7QF2M3X:paper``."""
    arguments = (getattr(action, field.name) for field in fields(action))
    return ":".join([_VERB_OF[type(action)], *map(_written, arguments)])


def read_action(text: str) -> Action:
    """The action of a button id.

    Raises:
        UnknownActionError: the id is none of ours.

    """
    verb, *arguments = text.split(":")
    kind = _VERBS.get(verb)
    if kind is None or len(text.encode()) > LONGEST_ID:
        raise UnknownActionError(text[:LONGEST_ID])
    names = [field.name for field in fields(kind)]
    if len(names) != len(arguments):
        raise UnknownActionError(text[:LONGEST_ID])
    try:
        return kind(**{name: _READERS[name](given) for name, given in zip(names, arguments, strict=True)})
    except ValueError as error:
        raise UnknownActionError(text[:LONGEST_ID]) from error


def _written(argument: object) -> str:
    if isinstance(argument, bool):
        return "yes" if argument else "no"
    return argument.value if isinstance(argument, StrEnum) else str(argument)


def _yes_or_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError(text)
    return text == "yes"


def _language(text: str) -> Language:
    for language in LANGUAGES:
        if language == text:
            return language
    raise ValueError(text)


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if pattern.fullmatch(text) is None:
            raise ValueError(text)
        return text

    return read


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "label": Label,
    "section": SectionKind,
    "condition": _matching(_SLUG),
    "answer": _matching(_SLUG),
    "thing": _matching(_SLUG),
    "region": _matching(_SLUG),
    "query": _matching(_QUERY),
    "reason": Unanswerable,
    "given": _yes_or_no,
    "confirmed": _yes_or_no,
    "version": _matching(_VERSION),
    "language": _language,
}
"""How each field of an action is read back; raises ValueError for what it cannot be."""
