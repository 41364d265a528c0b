"""torch: CUDA in bf16 on a GPU host; the CPU in fp32 as the reference that others are compared with.

torch is imported when a backend is made, never before: a bot does without it.
"""

import threading
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from inference.backends.backend import BackendOutput
from inference.errors import BackendUnavailable, WeightsError

if TYPE_CHECKING:
    from inference.architectures import WasteClassifier

Device = Literal["cuda", "cpu"]

INSTALL_SENTENCE = (
    "the torch backend needs torch, timm and safetensors: install them with \"pip install -e '.[gpu]'\" "
    "or set BUNRI_INFERENCE__BACKEND=openvino."
)


def _network(state: bytes, architecture: str) -> "WasteClassifier":
    try:
        import safetensors
        import safetensors.torch

        from inference.architectures import build_classifier
    except ImportError as error:
        raise BackendUnavailable(INSTALL_SENTENCE) from error
    try:
        network = build_classifier(architecture)
        # Copying into the fp32 network widens the fp16 of the file.
        network.load_state_dict(safetensors.torch.load(state))
    except (ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise WeightsError(
            f"the torch weights do not fit the architecture {architecture!r}; export them again or choose "
            "another model (BUNRI_INFERENCE__MODEL)."
        ) from error
    return network


class TorchBackend:
    """A torch network in evaluation mode; calls from several threads take turns."""

    def __init__(
        self,
        state: bytes,
        *,
        architecture: str,
        side: int,
        device: Device,
        threads: int = 0,
    ) -> None:
        """Load, move to the device and warm up.

        Args:
            state: a safetensors file, already verified.
            architecture: as in the manifest.
            side: side of the square input, in pixels.
            device: "cuda" computes in bf16, "cpu" in fp32.
            threads: CPU threads; 0 leaves torch's own number. It counts for the whole process.

        Raises:
            BackendUnavailable: torch is not installed, or there is no such device.
            WeightsError: the weights do not fit the architecture.

        """
        network = _network(state, architecture)
        import torch

        if device == "cuda" and not torch.cuda.is_available():
            raise BackendUnavailable(
                "the torch backend finds no CUDA device here: set BUNRI_INFERENCE__BACKEND=openvino or auto."
            )
        if threads:
            torch.set_num_threads(threads)
        # The network comes in channels_last layout, which moving and casting keep.
        dtype = torch.bfloat16 if device == "cuda" else torch.float32
        self._network = network.to(device=device, dtype=dtype)
        self._device: Device = device
        self._turn = threading.Lock()
        self._threads_per_call = torch.get_num_threads() if device == "cpu" else 0
        self.logits(np.zeros((1, side, side, 3), dtype=np.uint8))

    @property
    def name(self) -> str:
        """Engine, device and number type."""
        return "torch cuda bf16" if self._device == "cuda" else "torch cpu fp32"

    @property
    def threads_per_call(self) -> int:
        """CPU threads that one call may use; 0 on a GPU."""
        return self._threads_per_call

    def logits(self, batch: NDArray[np.uint8]) -> BackendOutput:
        """Run the network on (N, side, side, 3) uint8; see ``Backend``."""
        import torch

        with self._turn, torch.inference_mode():
            labels, waste = self._network(torch.from_numpy(batch).to(self._device))
            return BackendOutput(labels.float().cpu().numpy(), waste.float().cpu().numpy())

    def close(self) -> None:
        """Move the network off the device, so that its memory is free for others."""
        self._network.to("meta")
