"""A card -> the JSON that the page's script shows."""

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import get_args

from bots.actions import Action, action_id
from bots.reply import Card

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def card_json(card: Card) -> Json:
    """The card with its fields as keys, and each action as the id that comes back when it is pressed."""
    return _json(card)


def _json(value: object) -> Json:
    if isinstance(value, get_args(Action)):
        return action_id(value)
    if isinstance(value, Enum):
        return str(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_json(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a card holds no {type(value).__name__}")
