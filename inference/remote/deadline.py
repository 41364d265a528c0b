"""The moment at which a call ends, whatever happens: shared by all its attempts."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a clock.

    Attributes:
        at: the moment, in seconds of ``clock``.
        clock: seconds, never going back; the event loop's in service.

    """

    at: float
    clock: Callable[[], float]

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float]) -> "Deadline":
        """So many seconds from now."""
        return cls(clock() + seconds, clock)

    def remaining(self) -> float:
        """Seconds until then, at least 0.0."""
        return max(0.0, self.at - self.clock())

    def milliseconds(self) -> int:
        """The same in whole milliseconds, at least 1, as hosts are told."""
        return max(1, int(1000 * self.remaining()))
