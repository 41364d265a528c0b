"""A circuit breaker: leaves out a host that fails, and lets one request try it now and then.

Closed: requests go. After some failures in a row it is open: none goes. After a rest, or once a probe of the host was
answered, it is half open: one request goes at a time; its success closes the breaker, its failure opens it for twice
as long (Nygard, Release It!, "Circuit Breaker").
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What may go."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Permit:
    """A request that may go. What became of it counts only while the breaker is as it was when it went."""

    epoch: int


class Breaker:
    """The breaker of one host. Not for several threads."""

    def __init__(
        self, clock: Callable[[], float], *, failures: int = 3, rest_s: float = 2.0, longest_rest_s: float = 30.0
    ) -> None:
        """Begin closed.

        Args:
            clock: seconds, never going back.
            failures: in a row, until it opens, >= 1.
            rest_s: seconds that it stays open the first time; doubled each time that the trial fails.
            longest_rest_s: at most so many seconds.

        """
        self._clock = clock
        self._most_failures = failures
        self._first_rest_s = rest_s
        self._longest_rest_s = longest_rest_s
        self._failures = 0
        self._rest_s = rest_s
        self._opens_at: float | None = None
        self._is_half_open = False
        self._trial: Permit | None = None
        self._epoch = 0

    @property
    def state(self) -> State:
        """The state at this moment."""
        if self._is_half_open:
            return State.HALF_OPEN
        if self._opens_at is None:
            return State.CLOSED
        return State.HALF_OPEN if self._clock() >= self._opens_at else State.OPEN

    @property
    def admits(self) -> bool:
        """Whether a request may go now."""
        state = self.state
        return state is State.CLOSED or (state is State.HALF_OPEN and self._trial is None)

    def permit(self) -> Permit:
        """Let a request go; what became of it must be told.

        Raises:
            RuntimeError: none may.

        """
        if not self.admits:
            raise RuntimeError("the breaker is open")
        permit = Permit(self._epoch)
        if self.state is State.HALF_OPEN:
            self._is_half_open = True
            self._trial = permit
        return permit

    def succeeded(self, permit: Permit) -> None:
        """The host answered."""
        if permit.epoch != self._epoch:
            return
        if self.state is State.CLOSED:
            self._failures = 0
            return
        self._turn()
        self._failures, self._rest_s, self._opens_at = 0, self._first_rest_s, None

    def failed(self, permit: Permit) -> None:
        """The host gave no answer, or none that can be used."""
        if permit.epoch != self._epoch:
            return
        self._failures += 1
        if permit is self._trial:
            self._rest_s = min(2 * self._rest_s, self._longest_rest_s)
        elif self._failures < self._most_failures:
            return
        self._turn()
        self._opens_at = self._clock() + self._rest_s

    def given_up(self, permit: Permit) -> None:
        """Nobody knows: the caller left before the answer."""
        if permit is self._trial:
            self._trial = None

    def probed_well(self) -> None:
        """The host says that it is ready: a request may try it at once."""
        if self.state is State.OPEN:
            self._is_half_open = True

    def probed_badly(self) -> None:
        """The host would refuse whatever is sent: nothing goes there for a while. Idempotent."""
        if self.state is State.OPEN:
            return
        self._turn()
        self._opens_at = self._clock() + self._rest_s

    def _turn(self) -> None:
        """To another state: what was sent before says nothing about it."""
        self._epoch += 1
        self._trial, self._is_half_open = None, False
