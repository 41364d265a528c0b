"""What a host puts behind its routes: the engine of this process, or replicas elsewhere."""

from typing import Protocol

from inference.answer import Classification, MadePicture
from inference.labels import Label
from inference.model_names import ModelNames


class Served(Protocol):
    """Answers the requests of a host; one event loop may use it."""

    @property
    def is_ready(self) -> bool:
        """Whether something is there that answers photos."""
        ...

    @property
    def names(self) -> ModelNames:
        """Of the models that answer the next request."""
        ...

    @property
    def queued(self) -> int:
        """Photos that wait for a worker."""
        ...

    @property
    def in_flight(self) -> int:
        """Photos that wait or are worked on."""
        ...

    def check_room(self) -> None:
        """Refuse what could not be taken, before its bytes are read.

        Raises:
            InferenceBusy: as many wait as may.
            InferenceClosed: it was closed before.

        """
        ...

    async def classify(self, image: bytes, *, deadline: float | None = None) -> Classification:
        """See ``inference.interface.Inference``; the deadline is by ``time.monotonic``.

        Raises:
            InferenceBusy: as many wait as may.
            DeadlinePassed: the deadline came first.

        """
        ...

    async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        """See ``Inference``."""
        ...
