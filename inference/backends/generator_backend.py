"""What every engine that runs a generator promises."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class GeneratorBackend(Protocol):
    """Runs one generator on one device. Implementations: OpenVINO, torch. Ready when its constructor returns."""

    @property
    def name(self) -> str:
        """Engine, device and number type, for people: "openvino cpu fp32"."""
        ...

    def pictures(self, latents: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Run the network; one call at a time.

        Args:
            latents: (N, latent) float32, N >= 1.
            labels: (N,) int64, places in ``LABELS``.

        Returns:
            (N, side, side, 3) uint8 RGB, the caller's own.

        """
        ...

    def close(self) -> None:
        """Release the device's memory. Idempotent."""
        ...


def levels(pictures: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(N, 3, S, S) in [-1, 1] -> (N, S, S, 3) uint8."""
    scaled = (pictures.clip(-1, 1) + 1) * 127.5
    return np.ascontiguousarray(scaled.round().astype(np.uint8).transpose(0, 2, 3, 1))
