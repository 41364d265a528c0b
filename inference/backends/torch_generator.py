"""A generator on torch: CUDA on a GPU host, the CPU as the reference."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inference.backends.generator_backend import levels
from inference.backends.torch_backend import INSTALL_SENTENCE, Device
from inference.errors import BackendUnavailable, WeightsError

if TYPE_CHECKING:
    from inference.generator_network import Generator


class TorchGenerator:
    """A torch generator in evaluation mode, in fp32: its pictures are those of OpenVINO, but for rounding."""

    def __init__(self, state: bytes, *, side: int, base_channels: int, device: Device) -> None:
        """Load and move to the device.

        Raises:
            BackendUnavailable: torch is not installed.
            WeightsError: the weights do not fit.

        """
        self._network = _network(state, side, base_channels).to(device)
        self._device: Device = device

    @property
    def name(self) -> str:
        """Engine, device and number type."""
        return f"torch {self._device} fp32"

    def pictures(self, latents: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.uint8]:
        """See ``GeneratorBackend``."""
        import torch

        with torch.inference_mode():
            given = torch.from_numpy(latents).to(self._device), torch.from_numpy(labels).to(self._device)
            made: NDArray[np.float32] = self._network(*given).float().cpu().numpy()
        return levels(made)

    def close(self) -> None:
        """See ``GeneratorBackend``."""
        self._network.to("meta")


def _network(state: bytes, side: int, base_channels: int) -> "Generator":
    try:
        import safetensors
        import safetensors.torch

        from inference.generator_network import Generator
    except ImportError as error:
        raise BackendUnavailable(INSTALL_SENTENCE) from error
    try:
        network = Generator(side, base_channels).eval()
        network.load_state_dict(safetensors.torch.load(state))
    except (ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise WeightsError("the generator's torch weights do not fit its manifest; pack them again.") from error
    return network
