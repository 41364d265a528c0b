"""Messages that nothing can be said to yet: put aside in memory, safe in the inbox, taken up again after a while."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from db.inbox import Entry

_LONGEST_WAIT_S: Final = 60.0
_MOST: Final = 10_000
"""Put aside at the same time; further ones wait in the inbox alone, for the next start."""


class Postponed(Exception):
    """Raised by a handler: the resident knows that the answer comes later, so ask again later."""


@dataclass(slots=True)
class _Wait:
    """One message, or the photos of one album."""

    since: float
    times: int = 0
    timer: asyncio.TimerHandle | None = field(default=None)


class Postponements:
    """What is put aside, and when it is taken up. One event loop may use it."""

    def __init__(self, take_up: Callable[[list[Entry]], None], *, first_s: float, limit_s: float) -> None:
        """Put nothing aside yet.

        Args:
            take_up: gets the entries when their time has come.
            first_s: seconds of the first wait; doubled for each further one, up to a minute.
            limit_s: seconds after which it is not put aside any more.

        """
        self._take_up = take_up
        self._first_s = first_s
        self._limit_s = limit_s
        self._waits: dict[int, _Wait] = {}

    def put_aside(self, entries: list[Entry]) -> bool:
        """Have them taken up later; False where they have waited long enough."""
        loop = asyncio.get_running_loop()
        wait = self._waits.get(entries[0].id)
        if wait is None:
            if len(self._waits) >= _MOST:
                return True
            wait = self._waits[entries[0].id] = _Wait(loop.time())
        if loop.time() - wait.since > self._limit_s:
            return False
        seconds = min(_LONGEST_WAIT_S, self._first_s * 2.0 ** min(wait.times, 30))
        wait.times += 1
        # Spread, so that not all who waited for the same host come back to it at once.
        wait.timer = loop.call_later(seconds * random.uniform(0.8, 1.2), self._take_up, entries)  # noqa: S311
        return True

    def holds(self, entries: Sequence[Entry]) -> bool:
        """Whether they were put aside before."""
        return entries[0].id in self._waits

    def finished(self, entries: Sequence[Entry]) -> None:
        """They were answered, or given up."""
        self._waits.pop(entries[0].id, None)

    def close(self) -> None:
        """Take up nothing more."""
        for wait in self._waits.values():
            if wait.timer is not None:
                wait.timer.cancel()
        self._waits.clear()
