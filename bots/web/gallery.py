"""One example picture of each label, made by this host's own generator, once, behind everything else."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from inference.answer import MadePicture
from inference.errors import GenerationUnavailable, InferenceError, InferenceUnavailable
from inference.labels import LABELS, Label

_log = logging.getLogger(__name__)

_SEED: Final = 1
"""The same one each time, so that the same pictures hang there after each start."""

_AGAIN_S: Final = 5.0
"""After which a generator that had too much to do, or hosts that were away, are asked again."""

Maker = Callable[[Label, int], Awaitable[MadePicture]]
"""Makes the picture of a label and a seed; raises InferenceError."""


@dataclass(frozen=True, slots=True)
class Example:
    """A picture of the gallery: a PNG file with its marks, and a tag that changes with it."""

    label: Label
    seed: int
    png: bytes
    etag: str

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.label.value}-{self.seed}.png"


class Gallery:
    """Empty until each label has its picture, and for good where there is no generator. Some 4 MB of memory."""

    def __init__(self, maker: Maker, after_seconds: float | None, *, again_seconds: float = _AGAIN_S) -> None:
        """Make nothing yet.

        Args:
            maker: makes a picture.
            after_seconds: how long after the start the first one is made; None makes none at all.
            again_seconds: after which a generator that had too much to do, or hosts that were away, are asked again.

        """
        self._maker = maker
        self._after_seconds = after_seconds
        self._again_seconds = again_seconds
        self._examples: dict[str, Example] = {}
        self._outage_is_told = False
        self.is_coming = after_seconds is not None

    @property
    def examples(self) -> tuple[Example, ...]:
        """All of them, in the order of the labels; none while some are still missing."""
        return () if self.is_coming else tuple(self._examples.values())

    def named(self, name: str) -> Example | None:
        """The one whose file has this name."""
        return self._examples.get(name)

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """Made beside the application, and given up with it: a ``cleanup_ctx`` of aiohttp."""
        del app
        task = asyncio.create_task(self.make(), name="gallery")
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def make(self) -> None:
        """Make the pictures, one after the other. Never raises for what inference raises: there is then no gallery."""
        if self._after_seconds is None:
            return
        made: dict[str, Example] = {}
        try:
            await asyncio.sleep(self._after_seconds)
            for label in LABELS:
                example = await self._made(label)
                made[example.name] = example
            self._examples = made
        except GenerationUnavailable:
            pass
        except InferenceError as error:
            _log.warning("there are no example pictures: %s", error)
        except Exception as error:
            # By its type alone: an unforeseen error's text may quote what it stumbled over.
            _log.error("there are no example pictures: %s", type(error).__name__)
        finally:
            self.is_coming = False

    async def _made(self, label: Label) -> Example:
        while True:
            try:
                picture = await self._maker(label, _SEED)
            except GenerationUnavailable as error:
                if not error.is_busy:
                    raise
            except InferenceUnavailable as error:
                if not self._outage_is_told:
                    _log.warning("the example pictures wait: %s", error)
                self._outage_is_told = True
            else:
                break
            await asyncio.sleep(self._again_seconds)
        etag = hashlib.sha256(picture.png).hexdigest()[:32]
        return Example(picture.label, picture.seed, picture.png, etag)
