"""Inference in this process: the classifier on a bounded number of threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from inference.answer import Classification
from inference.classifier import Classifier
from inference.errors import InferenceClosed


class LocalInference:
    """Inference in this process, on a bounded number of threads; one event loop may use it.

    A photo crosses to a thread once and does everything there, decoding, model call and decision: each
    further crossing would cost a wake-up that is long beside a model call of a few milliseconds. Decoder and
    model release the interpreter lock, so that the loop keeps running meanwhile.

    At most ``workers`` photos are worked on; the others wait on the loop, where a caller who is cancelled
    leaves nothing behind. A photo that a thread has begun is finished even when nobody waits for it any more.
    """

    def __init__(self, classifier: Classifier, *, workers: int) -> None:
        """Take over a classifier; ``close`` closes it too.

        Args:
            classifier: ready for ``workers`` photos side by side.
            workers: photos worked on at the same time, >= 1.

        """
        self.classifier = classifier
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

    async def close(self) -> None:
        """See ``Inference``. New photos are refused at once; those accepted before are answered first."""
        self._closing = True
        async with self._closed:
            await self._drained.wait()
            # A photo whose caller was cancelled may still be on its thread: the model must outlive it.
            await asyncio.to_thread(self._threads.shutdown, wait=True)
            self.classifier.close()
