"""A backend that a test holds and lets go."""

import threading

import numpy as np
from numpy.typing import NDArray

from inference.backends.backend import ONE_BY_ONE, BackendOutput


class HeldBackend:
    """A backend whose calls wait until the test lets them go, and which counts them."""

    name = "held"
    threads_per_call = 1
    batching = ONE_BY_ONE

    def __init__(self) -> None:
        self.go = threading.Event()
        self.started = threading.Semaphore(0)
        self.calls = 0
        self.at_once = 0
        self.most_at_once = 0
        self.closings = 0
        self._lock = threading.Lock()

    def logits(self, batch: NDArray[np.uint8]) -> BackendOutput:
        with self._lock:
            self.calls += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.started.release()
        assert self.go.wait(30)
        assert self.closings == 0
        with self._lock:
            self.at_once -= 1
        return BackendOutput(np.zeros((len(batch), 12), np.float32), np.zeros(len(batch), np.float32))

    def close(self) -> None:
        self.closings += 1
