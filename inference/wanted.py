"""Whether anybody still waits for an answer; asked before each step that costs something."""

import time

from inference.errors import DeadlinePassed


class Wanted:
    """One photo's caller: the time it gave, and whether it has gone. Threads may ask while the loop tells."""

    __slots__ = ("_gone", "deadline")

    def __init__(self, deadline: float | None = None) -> None:
        """``deadline`` is by ``time.monotonic``, in seconds; None: the caller waits as long as it takes."""
        self.deadline = deadline
        self._gone = False

    def gone(self) -> None:
        """The caller has what it wanted, or wants it no more."""
        self._gone = True

    def check(self) -> None:
        """Go on only where somebody waits.

        Raises:
            DeadlinePassed: nobody does.

        """
        if self._gone or (self.deadline is not None and time.monotonic() >= self.deadline):
            raise DeadlinePassed
