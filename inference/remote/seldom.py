"""A log line that says the same thing once a minute at most, and how often it was not said."""

import logging
from collections.abc import Callable, Hashable
from typing import Final

_EVERY_S: Final = 60.0


class Seldom:
    """Writes to a log. What it remembers is bounded by how many keys its user has."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float], *, every_s: float = _EVERY_S) -> None:
        """``clock`` counts seconds; ``every_s`` is how many lie between two lines of one key."""
        self._log = log
        self._clock = clock
        self._every_s = every_s
        self._said: dict[Hashable, tuple[float, int]] = {}

    def say(self, key: Hashable, level: int, sentence: str) -> None:
        """Log it, unless something with this key was logged a moment ago."""
        now = self._clock()
        last, kept_back = self._said.get(key, (None, 0))
        if last is not None and now - last < self._every_s:
            self._said[key] = (last, kept_back + 1)
            return
        self._said[key] = (now, 0)
        self._log.log(level, "%s%s", sentence, f" ({kept_back} more times since)" if kept_back else "")
