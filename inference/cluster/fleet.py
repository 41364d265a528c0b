"""How many replicas of one kind run, and for how long there has been none."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

PATIENCE_S: Final = 5.0
"""A replica that died is usually replaced within this; requests wait so long for the only one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What Ray Serve says about one kind.

    Attributes:
        running: replicas that answer.
        has_given_up: none has started, and no further attempt is made.
        reason: why one does not start, for operators; "" where nothing is wrong.

    """

    running: int
    has_given_up: bool = False
    reason: str = ""


class Fleet:
    """The replicas of one kind, as they were seen last."""

    def __init__(self, *, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience_s = patience_s
        self._clock = clock
        self._seen = Seen(0)
        self._none_since = clock()
        self._news = asyncio.Event()

    @property
    def running(self) -> int:
        """Replicas that answer."""
        return self._seen.running

    @property
    def is_out(self) -> bool:
        """Whether there has been none for so long that it is not worth waiting."""
        return not self._seen.running and self._clock() - self._none_since >= self._patience_s

    def see(self, seen: Seen) -> None:
        """Take note of what is there now."""
        if seen.running:
            self._none_since = self._clock()
        self._seen = seen
        self._news.set()
        self._news = asyncio.Event()

    async def wait_until_out(self) -> None:
        """Return once ``is_out``; what changes is seen when ``see`` is called."""
        while not self.is_out:
            await self._news.wait()
