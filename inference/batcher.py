"""Batches that form by themselves: what has lined up while the network was at work goes together."""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inference.backends.backend import Backend, BackendOutput
from inference.errors import DeadlinePassed
from inference.observer import Observer, Stage
from inference.wanted import Wanted

Logits = tuple[NDArray[np.float32], float]
"""(12,) label logits and the waste logit of one photo."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    square: NDArray[np.uint8]
    wanted: Wanted
    answer: "asyncio.Future[Logits]"


class Batcher:
    """Calls a backend with one batch at a time, from one thread; one event loop may use it.

    Nothing is waited for: a photo that finds the network idle goes at once, alone. While a batch runs, photos line
    up, and the next batch takes as many of them as the backend's largest. So batches grow with the load, and an idle
    host answers as fast as it can.
    """

    def __init__(self, backend: Backend, observer: Observer) -> None:
        self._backend = backend
        self._observer = observer
        self._lined_up: deque[_Waiting] = deque()
        self._is_running = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="network")

    async def logits(self, square: NDArray[np.uint8], wanted: Wanted) -> Logits:
        """The logits of one (side, side, 3) uint8 square.

        Raises:
            DeadlinePassed: its time was over before its turn came.

        """
        waiting = _Waiting(square, wanted, asyncio.get_running_loop().create_future())
        self._lined_up.append(waiting)
        self._start()
        return await waiting.answer

    def close(self) -> None:
        """Wait for the running batch; blocks. Nobody may wait any more."""
        self._thread.shutdown(wait=True)

    def _start(self) -> None:
        batch = () if self._is_running else self._next()
        if not batch:
            return
        self._is_running = True
        running = asyncio.get_running_loop().run_in_executor(self._thread, self._run, batch)
        running.add_done_callback(partial(self._settle, batch))

    def _next(self) -> tuple[_Waiting, ...]:
        batch: list[_Waiting] = []
        while self._lined_up and len(batch) < self._backend.batching.largest:
            first = self._lined_up.popleft()
            if first.answer.done():  # cancelled by its caller
                continue
            try:
                first.wanted.check()
            except DeadlinePassed as error:
                first.answer.set_exception(error)
            else:
                batch.append(first)
        return tuple(batch)

    def _run(self, batch: tuple[_Waiting, ...]) -> BackendOutput:
        begun = time.perf_counter()
        output = self._backend.logits(np.stack([each.square for each in batch]))
        self._observer.took(Stage.NETWORK, time.perf_counter() - begun)
        self._observer.batch(len(batch))
        return output

    def _settle(self, batch: tuple[_Waiting, ...], running: "asyncio.Future[BackendOutput]") -> None:
        self._is_running = False
        self._start()  # the network first: it should not idle while answers are handed out
        error = running.exception()
        for place, each in enumerate(batch):
            if each.answer.done():
                continue
            if error is not None:
                each.answer.set_exception(error)
            else:
                output = running.result()
                each.answer.set_result((output.label_logits[place], float(output.waste_logits[place])))
