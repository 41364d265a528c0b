"""Choices made in the conversation that the page itself has to follow: its language, its place."""

from collections.abc import Collection

from bots.actions import SetLanguage, SetRegion
from bots.language import known_language
from bots.request import ButtonPressed, Command, CommandSent, Request
from bots.web.card_json import Json


def settled_choices(request: Request, known: Collection[str]) -> dict[str, Json]:
    """``{"language": ...}`` or ``{"region": ...}`` where the request settled one; ``known``: ids of the places."""
    match request:
        case ButtonPressed(SetLanguage(language)):
            return {"language": language}
        case ButtonPressed(SetRegion(region)) if region in known:
            return {"region": region}
        case CommandSent(Command.LANG, argument) if (chosen := known_language(argument)) is not None:
            return {"language": chosen}
        case CommandSent(Command.REGION, argument) if argument.casefold() in known:
            return {"region": argument.casefold()}
        case _:
            return {}
