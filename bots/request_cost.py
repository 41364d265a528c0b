"""What a request counts for, where it is limited how much somebody may ask for."""

from typing import Final

from bots.actions import Draw
from bots.picture_request import read_picture_request
from bots.request import ButtonPressed, Command, CommandSent, PhotosSent, Request

_OF_PICTURES: Final = 2
"""Of a request for pictures, before any is counted: making one takes longer than looking at a photo."""


def cost_of(request: Request) -> int:
    """Tokens: one a photo; three for one picture or two, and one more for each further two; one for all else.

    What an adapter asks again by itself costs nothing.
    """
    match request:
        case PhotosSent(photos, is_again=is_again):
            return 0 if is_again else len(photos)
        case CommandSent(command=Command.GENERATE, argument=argument):
            asked = read_picture_request(argument)
            return _OF_PICTURES + (asked.made + 1) // 2 if asked.words else 1
        case ButtonPressed(action=Draw()):
            return _OF_PICTURES + 1
        case _:
            return 1
