"""Who sends too much: told once, kindly, and not answered until it is less."""

import math
from collections import OrderedDict
from typing import Final

from bots.actions import Draw
from bots.rate_limit import RateLimiter
from bots.request import ButtonPressed, Command, CommandSent, PhotosSent, Request, Resident

_REMEMBERED: Final = 10_000
_COST_OF_PICTURES: Final = 3


class Flood:
    """Limits what one person and one chat may ask for a minute. In memory only, and bounded."""

    def __init__(self, per_user_per_minute: int, per_chat_per_minute: int) -> None:
        self._users = RateLimiter(per_user_per_minute)
        self._chats = RateLimiter(per_chat_per_minute)
        self._told: OrderedDict[str, None] = OrderedDict()

    def wait_of(self, request: Request, resident: Resident) -> int:
        """Seconds that this resident has to wait; 0 when they are answered now.

        A photo costs one token, an album as many as it has photos, pictures to be made three; all else costs one.
        What an adapter asks again by itself costs nothing.
        """
        cost = _cost_of(request)
        if not resident.user_key or not cost:
            return 0
        waits = [self._users.take(resident.user_key) for _ in range(cost)]
        if resident.chat_key and not resident.is_private:
            waits += [self._chats.take(resident.chat_key) for _ in range(cost)]
        wait = math.ceil(max(waits, default=0.0))
        if not wait:
            self._told.pop(resident.user_key, None)
        return wait

    def is_first_word_to(self, resident: Resident) -> bool:
        """Whether they have not been told yet that it is too much; remembered until they are answered again."""
        if resident.user_key in self._told:
            return False
        self._told[resident.user_key] = None
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return True


def _cost_of(request: Request) -> int:
    match request:
        case PhotosSent(photos, is_again=is_again):
            return 0 if is_again else len(photos)
        case CommandSent(command=Command.GENERATE) | ButtonPressed(action=Draw()):
            return _COST_OF_PICTURES
        case _:
            return 1
