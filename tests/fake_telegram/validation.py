"""Judges what the bot sends and what the fake sends, by aiogram's models of the Bot API."""

import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import aiogram.methods
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from pydantic import BaseModel

_SPECIFICATION: Final = Path(__file__).parents[3] / "shared" / "specs" / "telegram-bot-api.json"


class NotTheBotApi(AssertionError):
    """A request or an update that Telegram would not know."""


@cache
def methods() -> dict[str, type[TelegramMethod[Any]]]:
    """Every method of the Bot API by its name in small letters."""
    found: dict[str, type[TelegramMethod[Any]]] = {}
    for each in vars(aiogram.methods).values():
        if inspect.isclass(each) and issubclass(each, TelegramMethod) and each is not TelegramMethod:
            found[each.__api_method__.lower()] = each
    return found


def check_request(method: str, parameters: dict[str, Any]) -> None:
    """Refuse an unknown method, an unknown parameter, and a value of the wrong kind.

    Raises:
        NotTheBotApi: the request is not one that Telegram documents.

    """
    model = methods().get(method.lower())
    if model is None:
        raise NotTheBotApi(f"no method {method}")
    unknown = set(parameters) - {field.alias or name for name, field in model.model_fields.items()}
    if unknown:
        raise NotTheBotApi(f"{method} has no parameter {', '.join(sorted(unknown))}")
    model.model_validate(parameters)
    specified = specification()
    if specified is not None:
        fields = {field["name"]: field for field in specified["methods"][model.__api_method__].get("fields", [])}
        if set(parameters) - set(fields):
            raise NotTheBotApi(f"{method}: the specification has no {set(parameters) - set(fields)}")
        missing = {name for name, field in fields.items() if field["required"]} - set(parameters)
        if missing:
            raise NotTheBotApi(f"{method} lacks {', '.join(sorted(missing))}")


def check_update(update: dict[str, Any]) -> None:
    """Refuse an update that Telegram would not send.

    Raises:
        NotTheBotApi: a key is unknown.

    """
    _no_extras(Update.model_validate(update), "update")


@cache
def specification() -> dict[str, Any] | None:
    """The published description of the Bot API where it lies beside the repository; None elsewhere."""
    if not _SPECIFICATION.exists():
        return None
    read: dict[str, Any] = json.loads(_SPECIFICATION.read_text(encoding="utf-8"))
    return read


def _no_extras(model: BaseModel, where: str) -> None:
    if model.model_extra:
        raise NotTheBotApi(f"{where} has no {', '.join(model.model_extra)}")
    for name in type(model).model_fields:
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, BaseModel):
                _no_extras(each, f"{where}.{name}")
