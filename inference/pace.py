"""How fast photos are answered, and so how long a caller should wait before it tries again."""

from typing import Final

_WEIGHT: Final = 0.1
"""Of the newest interval in the mean: some twenty photos decide."""

_UNKNOWN_S: Final = 0.05
"""A photo, before one was answered."""

SHORTEST_S: Final = 1.0
LONGEST_S: Final = 60.0


class Pace:
    """The exponentially weighted mean of the seconds between answers, while there was something to do."""

    def __init__(self) -> None:
        self._seconds: float | None = None
        self._since: float | None = None

    @property
    def seconds_per_photo(self) -> float:
        """Between two answers under load; a guess before the first one."""
        return _UNKNOWN_S if self._seconds is None else self._seconds

    def begun(self, now: float) -> None:
        """Work came where there was none; ``now`` in seconds, by any clock that goes forward."""
        self._since = now

    def answered(self, now: float) -> None:
        """A photo was answered, or refused after a look at it."""
        if self._since is not None:
            took = now - self._since
            self._seconds = took if self._seconds is None else (1 - _WEIGHT) * self._seconds + _WEIGHT * took
        self._since = now

    def idle(self) -> None:
        """Nothing is left to do: the time until the next photo says nothing about the pace."""
        self._since = None

    def takes(self, photos: int) -> float:
        """Seconds until so many are likely answered."""
        return photos * self.seconds_per_photo

    def wait_for(self, photos: int) -> float:
        """The same, from 1 to 60: what a caller is told who should come back."""
        return min(max(self.takes(photos), SHORTEST_S), LONGEST_S)
