"""A reply -> the JSON that the page's script shows."""

import base64
import mimetypes
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import get_args

from bots.actions import Action, action_id
from bots.reply import Card, Picture, Place, Reply

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def reply_json(reply: Reply) -> dict[str, Json]:
    """The whole reply."""
    return answer_json(reply.cards, reply.place, reply.toast, reply.pictures)


def answer_json(
    cards: Iterable[Card], place: Place = Place.NEW, toast: str = "", pictures: Iterable[Picture] = ()
) -> dict[str, Json]:
    """``{"cards": [...], "place": "new"|"edit"|"keep_buttons", "toast": words, "pictures": [...]}``."""
    return {
        "cards": [card_json(card) for card in cards],
        "place": place.value,
        "toast": toast,
        "pictures": [_picture_json(picture) for picture in pictures],
    }


def card_json(card: Card) -> Json:
    """The card with its fields as keys, and each action as the id that comes back when it is pressed."""
    return _json(card)


def _picture_json(picture: Picture) -> Json:
    content_type = mimetypes.guess_type(picture.name)[0] or "application/octet-stream"
    content = base64.b64encode(picture.content).decode()
    return {
        "name": picture.name,
        "caption": picture.caption,
        "data_url": f"data:{content_type};base64,{content}",
    }


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
