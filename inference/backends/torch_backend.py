"""torch: CUDA in bf16, channels_last and batches of fixed sizes on a GPU host; the CPU in fp32 as the reference.

torch is imported when a backend is made, never before: a bot does without it.
"""

import threading
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from inference.backends.backend import ONE_BY_ONE, BackendOutput, Batching
from inference.backends.torch_bucket import Bucket, EagerBucket, GraphBucket
from inference.errors import BackendUnavailable, WeightsError

if TYPE_CHECKING:
    from inference.architectures import WasteClassifier

Device = Literal["cuda", "cpu"]

CUDA_BATCHES: Final = Batching((1, 2, 4, 8, 16, 32))
"""Each size is recorded once, at the start; between them a batch is filled up, to twice its photos at most."""

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
        batching: Batching | None = None,
    ) -> None:
        """Load, move to the device and warm up.

        Args:
            state: a safetensors file, already verified.
            architecture: as in the manifest.
            side: side of the square input, in pixels.
            device: "cuda" computes in bf16, "cpu" in fp32.
            threads: CPU threads; 0 leaves torch's own number. It counts for the whole process.
            batching: sizes of the batches; ``CUDA_BATCHES`` on a GPU and one by one on the CPU when None.

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
        self._batching = batching or (CUDA_BATCHES if device == "cuda" else ONE_BY_ONE)
        kind = GraphBucket if device == "cuda" else EagerBucket
        self._buckets: dict[int, Bucket] = {
            # The largest first: the memory that it takes then serves the smaller ones as well.
            size: kind(self._network, size, side)
            for size in reversed(self._batching.sizes)
        }
        self.logits(np.zeros((1, side, side, 3), dtype=np.uint8))

    @property
    def name(self) -> str:
        """Engine, device and number type."""
        return "torch cuda bf16" if self._device == "cuda" else "torch cpu fp32"

    @property
    def threads_per_call(self) -> int:
        """CPU threads that one call may use; 0 on a GPU."""
        return self._threads_per_call

    @property
    def batching(self) -> Batching:
        """The sizes that were prepared."""
        return self._batching

    def logits(self, batch: NDArray[np.uint8]) -> BackendOutput:
        """Run the network on (N, side, side, 3) uint8; see ``Backend``."""
        largest = self._batching.largest
        with self._turn:
            made = [self._some(batch[start : start + largest]) for start in range(0, len(batch), largest)]
        if len(made) == 1:
            return made[0]
        return BackendOutput(
            np.concatenate([each.label_logits for each in made]), np.concatenate([each.waste_logits for each in made])
        )

    def close(self) -> None:
        """Move the network off the device, so that its memory is free for others."""
        self._buckets.clear()
        self._network.to("meta")

    def _some(self, photos: NDArray[np.uint8]) -> BackendOutput:
        return self._buckets[self._batching.size_for(len(photos))].run(photos)
