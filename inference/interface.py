"""What turns photos into answers, wherever it runs. Importing this brings no model and no backend along."""

from typing import Protocol

from inference.answer import Classification, MadePicture
from inference.labels import Label


class Inference(Protocol):
    """Turns photos into answers, and labels into pictures: in this process (here), or over HTTP (client)."""

    async def classify(self, image: bytes) -> Classification:
        """Decode, classify and decide, off the event loop.

        Raises:
            DecodeError: the bytes are not an acceptable photo; nothing else was affected.
            InferenceClosed: ``close`` was called before.

        """
        ...

    async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        """Pictures of a label, from as many seeds beginning with this one; photos are looked at first.

        Raises:
            GenerationUnavailable: there is no generator, or too many wait for it.
            ValueError: ``count`` is not 1 to 16, or the seed is out of range.
            InferenceClosed: ``close`` was called before.

        """
        ...

    async def close(self) -> None:
        """Release threads and model memory; waits for the photos in flight. Idempotent."""
        ...
