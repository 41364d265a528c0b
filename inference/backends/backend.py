"""What every engine that runs a network promises."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class BackendOutput:
    """The logits of a batch.

    Attributes:
        label_logits: (N, 12) float32, columns in the order of ``LABELS``.
        waste_logits: (N,) float32; the sigmoid is the probability that waste is shown at all.

    """

    label_logits: NDArray[np.float32]
    waste_logits: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batching:
    """How many photos a backend likes to be given together.

    Attributes:
        sizes: of the batches that it computes, ascending, the first one 1. Others are filled up to the next size.

    """

    sizes: tuple[int, ...]

    @property
    def largest(self) -> int:
        """Photos that go together at most."""
        return self.sizes[-1]

    def size_for(self, photos: int) -> int:
        """The smallest size that holds so many photos, 1 to ``largest``."""
        return next(size for size in self.sizes if size >= photos)


ONE_BY_ONE: Final = Batching((1,))
"""Where a batch gains nothing over as many photos side by side."""


class Backend(Protocol):
    """Runs one network on one device. Implementations: OpenVINO, torch.

    An implementation is ready (compiled, warmed up) when its constructor returns, and ``logits`` may be
    called from several threads at once: it queues or runs side by side as its device likes.
    """

    @property
    def name(self) -> str:
        """Engine, device and number type, for people: "openvino cpu int8"."""
        ...

    @property
    def threads_per_call(self) -> int:
        """CPU threads that one call may use; 0 where the work is not done by the CPU."""
        ...

    @property
    def batching(self) -> Batching:
        """The batches that it computes best; ``logits`` takes any."""
        ...

    def logits(self, batch: NDArray[np.uint8]) -> BackendOutput:
        """Run the network.

        Args:
            batch: (N, side, side, 3) uint8 RGB, C-contiguous, N >= 1, as ``preprocess.square`` makes it.

        Returns:
            New arrays that the caller owns.

        """
        ...

    def close(self) -> None:
        """Release the device's memory. No ``logits`` may run or follow. Idempotent."""
        ...
