"""Who is told how the work goes: a host's metrics, or nobody."""

from enum import StrEnum
from typing import Protocol

from inference.errors import DecodeProblem


class Stage(StrEnum):
    """A part of a photo's way that takes time."""

    QUEUE = "queue"
    DECODE = "decode"
    NETWORK = "network"


class Observer(Protocol):
    """Is told from the event loop and from worker threads; every method returns at once."""

    def took(self, stage: Stage, seconds: float) -> None:
        """A photo, or a batch in the network, took so long."""
        ...

    def batch(self, photos: int) -> None:
        """So many photos went through the network together."""
        ...

    def refused(self, problem: DecodeProblem) -> None:
        """A photo was not accepted."""
        ...

    def dropped(self) -> None:
        """A photo's caller did not wait for the answer."""
        ...


class Nobody:
    """An ``Observer`` that does not care."""

    def took(self, stage: Stage, seconds: float) -> None:
        """See ``Observer``."""

    def batch(self, photos: int) -> None:
        """See ``Observer``."""

    def refused(self, problem: DecodeProblem) -> None:
        """See ``Observer``."""

    def dropped(self) -> None:
        """See ``Observer``."""
