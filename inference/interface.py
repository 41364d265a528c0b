"""What turns photos into answers, wherever it runs. Importing this brings no model and no backend along."""

from typing import Protocol

from inference.answer import Classification


class Inference(Protocol):
    """Turns photos into answers. Implementations: in-process (here) and over HTTP (client)."""

    async def classify(self, image: bytes) -> Classification:
        """Decode, classify and decide, off the event loop.

        Raises:
            DecodeError: the bytes are not an acceptable photo; nothing else was affected.
            InferenceClosed: ``close`` was called before.

        """
        ...

    async def close(self) -> None:
        """Release threads and model memory; waits for the photos in flight. Idempotent."""
        ...
