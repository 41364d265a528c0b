"""A torch network for batches of one size: memory that is laid out once, and on a GPU one recorded graph.

torch is imported when a bucket is made, never before.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.backends.backend import BackendOutput
from inference.labels import LABELS

if TYPE_CHECKING:
    from inference.architectures import WasteClassifier


class Bucket(Protocol):
    """Runs 1 to ``size`` photos as a batch of ``size``; one call at a time."""

    def run(self, photos: NDArray[np.uint8]) -> BackendOutput:
        """The logits of (N, side, side, 3) uint8; new arrays."""
        ...


class EagerBucket:
    """Operator by operator, on any device: the reference, and what is tested without a GPU."""

    def __init__(self, network: "WasteClassifier", size: int, side: int) -> None:
        """``network`` is in evaluation mode; ``size`` >= 1; ``side`` in pixels."""
        import torch

        self._network = network
        self._given = torch.zeros((size, side, side, 3), dtype=torch.uint8)

    def run(self, photos: NDArray[np.uint8]) -> BackendOutput:
        """See ``Bucket``. The places behind the photos hold what was there before: no photo sees another."""
        import torch

        count = len(photos)
        with torch.inference_mode():
            self._given[:count].copy_(torch.from_numpy(photos))
            labels, waste = self._network(self._given)
            return BackendOutput(labels[:count].float().numpy().copy(), waste[:count].float().numpy().copy())


class GraphBucket:
    """A CUDA graph: the whole network is one launch, where a small batch would else wait for hundreds of them.

    Photos and logits pass through pinned memory, from which the card copies by itself.
    """

    def __init__(self, network: "WasteClassifier", size: int, side: int) -> None:
        """Record; ``network`` is on the card, in evaluation mode."""
        import torch

        self._given = torch.zeros((size, side, side, 3), dtype=torch.uint8, pin_memory=True)
        self._labels = torch.zeros((size, len(LABELS)), dtype=torch.float32, pin_memory=True)
        self._waste = torch.zeros(size, dtype=torch.float32, pin_memory=True)
        self._pixels = torch.zeros((size, side, side, 3), dtype=torch.uint8, device="cuda")
        with torch.inference_mode():
            # Libraries choose their kernels and make their workspaces in the first calls, which no graph may record.
            aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(3):
                    network(self._pixels)
            torch.cuda.current_stream().wait_stream(aside)
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                labels, waste = network(self._pixels)
                self._made = labels.float(), waste.float()

    def run(self, photos: NDArray[np.uint8]) -> BackendOutput:
        """See ``Bucket``."""
        import torch

        count = len(photos)
        with torch.inference_mode():
            self._given[:count].copy_(torch.from_numpy(photos))
            self._pixels.copy_(self._given, non_blocking=True)
            self._graph.replay()
            self._labels.copy_(self._made[0], non_blocking=True)
            self._waste.copy_(self._made[1], non_blocking=True)
            torch.cuda.current_stream().synchronize()
            return BackendOutput(self._labels[:count].numpy().copy(), self._waste[:count].numpy().copy())
