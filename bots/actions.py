"""What a button does. The state lives in the button's id, so that buttons survive a restart.

Ids fit the 64 bytes that chat platforms allow.
"""

from dataclasses import dataclass
from typing import assert_never

from inference.labels import Label


@dataclass(frozen=True, slots=True)
class ShowGuide:
    """How to dispose of one kind of thing."""

    label: Label


@dataclass(frozen=True, slots=True)
class ShowLabels:
    """All twelve labels to choose from, and how to take a better photo."""


Action = ShowGuide | ShowLabels


class UnknownActionError(ValueError):
    """A button id that this version does not know: an old button, or a forged one."""


def action_id(action: Action) -> str:
    """The id of a button: ``guide:paper``, ``labels``."""
    match action:
        case ShowGuide(label):
            return f"guide:{label.value}"
        case ShowLabels():
            return "labels"
        case _:
            assert_never(action)


def read_action(text: str) -> Action:
    """The action of a button id.

    Raises:
        UnknownActionError: the id is none of ours.

    """
    verb, _, argument = text.partition(":")
    if text == "labels":
        return ShowLabels()
    if verb == "guide" and argument in list(Label):
        return ShowGuide(Label(argument))
    raise UnknownActionError(text[:64])
