"""A photo's way through a model: which threads it takes, and with whom it shares the network."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from inference.answer import Classification
from inference.batcher import Batcher
from inference.classifier import Classifier, Prepared
from inference.observer import Observer, Stage
from inference.usage import Usage
from inference.wanted import Wanted


class Lane(Protocol):
    """One model's way from bytes to an answer."""

    async def answer(self, image: bytes, wanted: Wanted, slots: asyncio.Semaphore) -> Classification:
        """The answer to a photo that holds one of the slots; gives it back as early as may be.

        Raises:
            DecodeError: the bytes are not an acceptable photo.
            DeadlinePassed: nobody waits for it any more.

        """
        ...

    def close(self) -> None:
        """Wait for the network's running call; blocks. The model can be closed afterwards."""
        ...


class AloneLane:
    """Each photo crosses to a thread once and does everything there.

    Where a batch gains nothing over photos side by side (OpenVINO on a CPU) each further crossing would cost a
    wake-up that is long beside a model call of a few milliseconds. Decoder and model release the interpreter lock.
    """

    def __init__(self, classifier: Classifier, threads: ThreadPoolExecutor, observer: Observer, usage: Usage) -> None:
        self._classifier = classifier
        self._threads = threads
        self._observer = observer
        self._usage = usage

    async def answer(self, image: bytes, wanted: Wanted, slots: asyncio.Semaphore) -> Classification:
        """See ``Lane``."""
        try:
            # A photo whose caller has gone may still be on its thread: the model must outlive it.
            return await asyncio.wrap_future(self._usage.submit(self._threads, self._look, image, wanted))
        finally:
            slots.release()

    def close(self) -> None:
        """See ``Lane``."""

    def _look(self, image: bytes, wanted: Wanted) -> Classification:
        prepared = prepare(self._classifier, image, wanted, self._observer)
        wanted.check()
        begun = time.perf_counter()
        output = self._classifier.backend.logits(prepared.square[None])
        self._observer.took(Stage.NETWORK, time.perf_counter() - begun)
        self._observer.batch(1)
        return self._classifier.answer(prepared, output.label_logits[0], float(output.waste_logits[0]))


class TogetherLane:
    """Photos are prepared side by side; what has lined up meanwhile goes through the network together."""

    def __init__(self, classifier: Classifier, threads: ThreadPoolExecutor, observer: Observer) -> None:
        self._classifier = classifier
        self._threads = threads
        self._observer = observer
        self._batcher = Batcher(classifier.backend, observer)

    async def answer(self, image: bytes, wanted: Wanted, slots: asyncio.Semaphore) -> Classification:
        """See ``Lane``. The slot is given back before the network: while one batch runs, the next is prepared."""
        loop = asyncio.get_running_loop()
        try:
            prepared = await loop.run_in_executor(
                self._threads, prepare, self._classifier, image, wanted, self._observer
            )
        finally:
            slots.release()
        label_logits, waste_logit = await self._batcher.logits(prepared.square, wanted)
        return self._classifier.answer(prepared, label_logits, waste_logit)

    def close(self) -> None:
        """See ``Lane``."""
        self._batcher.close()


def prepare(classifier: Classifier, image: bytes, wanted: Wanted, observer: Observer) -> Prepared:
    """What the network needs of a photo that somebody waits for; blocks.

    Raises:
        DecodeError: the bytes are not an acceptable photo.
        DeadlinePassed: nobody waits for it any more.

    """
    wanted.check()
    begun = time.perf_counter()
    prepared = classifier.look(image)
    observer.took(Stage.DECODE, time.perf_counter() - begun)
    return prepared


def lane_of(classifier: Classifier, threads: ThreadPoolExecutor, observer: Observer, usage: Usage) -> Lane:
    """The way that suits the backend's batches; ``usage`` is the model's."""
    if classifier.backend.batching.largest > 1:
        return TogetherLane(classifier, threads, observer)
    return AloneLane(classifier, threads, observer, usage)
