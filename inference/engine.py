"""Inference in this process: the classifier on a bounded number of threads, the generator on one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from inference.answer import Classification, MadePicture
from inference.classifier import Classifier
from inference.errors import GenerationUnavailable, InferenceClosed
from inference.generation import SEEDS, PictureGenerator, check_request
from inference.labels import Label
from inference.marking import marked

_AT_A_TIME: Final = 2
"""Pictures made before photos get their turn again."""

_LONGEST_WAIT_S: Final = 1.0
"""That two pictures wait for photos."""


class LocalInference:
    """Inference in this process, on a bounded number of threads; one event loop may use it.

    A photo crosses to a thread once and does everything there, decoding, model call and decision: each
    further crossing would cost a wake-up that is long beside a model call of a few milliseconds. Decoder and
    model release the interpreter lock, so that the loop keeps running meanwhile.

    At most ``workers`` photos are worked on; the others wait on the loop, where a caller who is cancelled
    leaves nothing behind. A photo that a thread has begun is finished even when nobody waits for it any more.
    """

    def __init__(
        self, classifier: Classifier, *, workers: int, generator: PictureGenerator | None = None, waiting: int = 8
    ) -> None:
        """Take over a classifier, and a generator; ``close`` closes them too.

        Args:
            classifier: ready for ``workers`` photos side by side.
            workers: photos worked on at the same time, >= 1.
            generator: what makes pictures, if anything does.
            waiting: requests for pictures that may wait or be worked on, >= 1; further ones are refused.

        """
        self.classifier = classifier
        self.generator = generator
        self._making = ThreadPoolExecutor(1, thread_name_prefix="generate")
        self._waiting = waiting
        self._requests = 0
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="classify")
        self._slots = asyncio.Semaphore(workers)
        self._in_flight = 0
        self._drained = asyncio.Event()
        self._drained.set()
        self._closing = False
        self._closed = asyncio.Lock()

    async def classify(self, image: bytes) -> Classification:
        """See ``inference.interface.Inference``."""
        if self._closing:
            raise InferenceClosed("inference is closed")
        self._in_flight += 1
        self._drained.clear()
        try:
            async with self._slots:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, self.classifier.classify, image)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._drained.set()

    async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        """See ``Inference``. Pictures are made a few at a time, and each time photos that wait go first.

        Raises:
            InferenceClosed: also when ``close`` is called before all of them are made.

        """
        if self._closing:
            raise InferenceClosed("inference is closed")
        if self.generator is None:
            raise GenerationUnavailable
        check_request(count, seed)
        if self._requests >= self._waiting:
            raise GenerationUnavailable(is_busy=True)
        self._requests += 1
        try:
            made: list[MadePicture] = []
            while len(made) < count:
                await self._photos_first()
                if self._closing:
                    raise InferenceClosed("inference is closed")
                some = min(_AT_A_TIME, count - len(made))
                made += await self._made(self.generator, label, some, (seed + len(made)) % SEEDS)
            return tuple(made)
        finally:
            self._requests -= 1

    async def _photos_first(self) -> None:
        """Let photos go first, but not for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                await self._drained.wait()

    async def _made(self, generator: PictureGenerator, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        def make() -> tuple[MadePicture, ...]:
            return tuple(marked(each) for each in generator.generate(label, count, seed))

        return await asyncio.get_running_loop().run_in_executor(self._making, make)

    async def close(self) -> None:
        """See ``Inference``. New photos are refused at once; those accepted before are answered first."""
        self._closing = True
        async with self._closed:
            await self._drained.wait()
            # A photo whose caller was cancelled may still be on its thread: the model must outlive it.
            await asyncio.to_thread(self._threads.shutdown, wait=True)
            # Without cancelling what lines up: it is two pictures a request at most, and whoever waits for them would
            # be cancelled by it too.
            await asyncio.to_thread(self._making.shutdown, wait=True)
            if self.generator is not None:
                self.generator.close()
            self.classifier.close()
