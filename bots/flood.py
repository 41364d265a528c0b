"""Who sends too much: told once, kindly, and not answered until it is less."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from bots.rate_limit import RateLimiter
from bots.request import PhotosSent, Request, Resident
from bots.request_cost import cost_of

_REMEMBERED: Final = 10_000


class Flood:
    """Limits what one person and one chat may ask for a minute. In memory only, and bounded."""

    def __init__(
        self, per_user_per_minute: int, per_chat_per_minute: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._users = RateLimiter(per_user_per_minute, clock=clock)
        self._chats = RateLimiter(per_chat_per_minute, clock=clock)
        self._most = min(per_user_per_minute, per_chat_per_minute)
        self._told: OrderedDict[str, None] = OrderedDict()

    def wait_of(self, request: Request, resident: Resident) -> int:
        """Seconds that this resident has to wait; 0 when they are answered now.

        What a request costs says ``bots.request_cost``. What an adapter asks again by itself costs
        nothing. One that has to wait has cost nothing. An album of more
        photos than may be sent in a minute always waits; any other request costs all that there is at most.
        """
        cost = cost_of(request)
        if not resident.user_key or not cost:
            return 0
        if not isinstance(request, PhotosSent):
            cost = min(cost, self._most)
        wait = math.ceil(self._users.take(resident.user_key, cost))
        if not wait and resident.chat_key and not resident.is_private:
            wait = math.ceil(self._chats.take(resident.chat_key, cost))
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
