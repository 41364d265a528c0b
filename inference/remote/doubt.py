"""Hosts that failed at a request: by their own fault, or by the request's?"""

from types import TracebackType
from typing import Self

from inference.remote.breaker import Breaker, Permit


class Doubt:
    """Holds back what became of requests that hosts failed at. What nobody has answered speaks against nobody.

    A photo at which every host fails would else leave all of them out, for everybody.
    """

    def __init__(self) -> None:
        self._held: list[tuple[Breaker, Permit]] = []

    def add(self, breaker: Breaker, permit: Permit) -> None:
        """It failed."""
        self._held.append((breaker, permit))

    def resolve(self) -> None:
        """Another host could answer: the fault was theirs."""
        for breaker, permit in self._held:
            breaker.failed(permit)
        self._held.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nobody knows, where it was not resolved."""
        for breaker, permit in self._held:
            breaker.given_up(permit)
        self._held.clear()
