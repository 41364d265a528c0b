"""Inference in this process: photos on a bounded number of threads, pictures on one, and never more than may wait."""

import asyncio
import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from inference.answer import Classification, MadePicture
from inference.classifier import Classifier
from inference.errors import DeadlinePassed, DecodeError, GenerationUnavailable, InferenceBusy, InferenceClosed
from inference.generation import SEEDS, PictureGenerator, check_request
from inference.labels import Label
from inference.marking import marked
from inference.model_names import ModelNames
from inference.observer import Nobody, Observer, Stage
from inference.pace import Pace
from inference.serving_model import ServingModel
from inference.wanted import Wanted

QUEUE_LIMIT: Final = 256
"""Photos that may wait."""

_AT_A_TIME: Final = 2
"""Pictures made before photos get their turn again."""

_LONGEST_WAIT_S: Final = 1.0
"""That two pictures wait for photos."""


class LocalInference:
    """Inference in this process; one event loop may use it.

    At most ``workers`` photos are decoded at a time; others wait on the loop, so many and no more, where a caller who
    is cancelled or whose deadline passes leaves nothing behind. How they reach the network hangs on the backend, see
    ``inference.lane``. The model may be swapped for another between photos.
    """

    def __init__(
        self,
        classifier: Classifier,
        *,
        workers: int,
        generator: PictureGenerator | None = None,
        waiting: int = 8,
        queue_limit: int = QUEUE_LIMIT,
        queue_seconds: float = math.inf,
        observer: Observer | None = None,
    ) -> None:
        """Take over a classifier, and a generator; ``close`` closes them too.

        Args:
            classifier: ready for ``workers`` photos side by side.
            workers: photos decoded at the same time, >= 1.
            generator: what makes pictures, if anything does.
            waiting: requests for pictures that may wait or be worked on, >= 1; further ones are refused.
            queue_limit: photos that may wait for a worker, >= 1; further ones are refused.
            queue_seconds: that a photo may have to wait for a worker, at the pace of the last ones; a photo for each
                worker may wait however slow they are.
            observer: is told how the work goes.

        """
        self._observer = observer or Nobody()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="classify")
        self._making = ThreadPoolExecutor(1, thread_name_prefix="generate")
        self._model = ServingModel(classifier, generator, self._threads, self._observer)
        self._slots = asyncio.Semaphore(workers)
        self._queue_limit = queue_limit
        self._queue_seconds = queue_seconds
        self._workers = workers
        self._queued = 0
        self._in_flight = 0
        self._drained = asyncio.Event()
        self._drained.set()
        self._pace = Pace()
        self._waiting = waiting
        self._requests = 0
        self._closing = False
        self._closed = asyncio.Lock()

    @property
    def classifier(self) -> Classifier:
        """Which answers the next photo."""
        return self._model.classifier

    @property
    def generator(self) -> PictureGenerator | None:
        """Which makes the next pictures."""
        return self._model.generator

    @property
    def is_ready(self) -> bool:
        """Whether photos are answered: always, since it is made of a model that is warmed up."""
        return True

    @property
    def names(self) -> ModelNames:
        """Of the models that answer the next request."""
        return self._model.names

    @property
    def queued(self) -> int:
        """Photos that wait for a worker."""
        return self._queued

    @property
    def in_flight(self) -> int:
        """Photos that wait or are worked on."""
        return self._in_flight

    def check_room(self) -> None:
        """Refuse what could not be taken, before its bytes are read.

        Raises:
            InferenceBusy: as many wait as may.
            InferenceClosed: ``close`` was called before.

        """
        if self._closing:
            raise InferenceClosed("inference is closed")
        is_long = self._queued >= self._workers and self._pace.takes(self._queued + 1) > self._queue_seconds
        if is_long or self._queued >= self._queue_limit:
            raise InferenceBusy(self._pace.wait_for(self._queued + 1))

    async def classify(self, image: bytes, *, deadline: float | None = None) -> Classification:
        """See ``inference.interface.Inference``.

        Args:
            image: the file.
            deadline: by ``time.monotonic``, after which nobody waits any more; None: the caller waits.

        Raises:
            InferenceBusy: as many wait as may.
            DeadlinePassed: the deadline came before the answer was begun.

        """
        self.check_room()
        wanted = Wanted(deadline)
        self._enter()
        try:
            # Which model answers is settled when a worker is free, and so a swap never waits for the queue.
            await self._slot(wanted)
            model = self._model
            with model.usage():
                answer = await model.lane.answer(image, wanted, self._slots)
            self._pace.answered(time.monotonic())
        except DecodeError as error:
            self._pace.answered(time.monotonic())
            self._observer.refused(error.problem)
            raise
        except (DeadlinePassed, asyncio.CancelledError):
            self._observer.dropped()
            raise
        finally:
            wanted.gone()
            self._leave()
        return answer

    async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        """See ``Inference``. Pictures are made a few at a time, and each time photos that wait go first.

        Raises:
            InferenceClosed: also when ``close`` is called before all of them are made.

        """
        if self._closing:
            raise InferenceClosed("inference is closed")
        model = self._model
        if model.generator is None:
            raise GenerationUnavailable
        check_request(count, seed)
        if self._requests >= self._waiting:
            raise GenerationUnavailable(is_busy=True)
        self._requests += 1
        try:
            made: list[MadePicture] = []
            with model.usage():
                while len(made) < count:
                    await self._photos_first()
                    if self._closing:
                        raise InferenceClosed("inference is closed")
                    some = min(_AT_A_TIME, count - len(made))
                    made += await self._made(model, label, some, (seed + len(made)) % SEEDS)
            return tuple(made)
        finally:
            self._requests -= 1

    async def swap(self, classifier: Classifier, generator: PictureGenerator | None) -> None:
        """Answer with another model from the next photo on; returns once the one before is closed.

        Takes over the classifier and the generator, also where it raises.

        Raises:
            InferenceClosed: ``close`` was called before.

        """
        after = ServingModel(classifier, generator, self._threads, self._observer)
        if self._closing:
            await asyncio.to_thread(after.retire)
            raise InferenceClosed("inference is closed")
        before, self._model = self._model, after
        await asyncio.to_thread(before.retire)

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
            await asyncio.to_thread(self._model.retire)

    async def _slot(self, wanted: Wanted) -> None:
        arrived = time.monotonic()
        self._queued += 1
        try:
            async with asyncio.timeout_at(wanted.deadline):
                await self._slots.acquire()
        except TimeoutError as error:
            raise DeadlinePassed from error
        finally:
            self._queued -= 1
        self._observer.took(Stage.QUEUE, time.monotonic() - arrived)

    def _enter(self) -> None:
        if not self._in_flight:
            self._pace.begun(time.monotonic())
        self._in_flight += 1
        self._drained.clear()

    def _leave(self) -> None:
        self._in_flight -= 1
        if not self._in_flight:
            self._pace.idle()
            self._drained.set()

    async def _photos_first(self) -> None:
        """Let photos go first, but not for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                await self._drained.wait()

    async def _made(self, model: ServingModel, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        generator = model.generator
        assert generator is not None

        def make() -> tuple[MadePicture, ...]:
            return tuple(marked(each) for each in generator.generate(label, count, seed))

        return await asyncio.wrap_future(model.usage.submit(self._making, make))
