"""A generator on OpenVINO, on the CPU."""

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from inference.backends.generator_backend import levels
from inference.backends.openvino_core import core
from inference.errors import WeightsError
from inference.labels import LABELS


class OpenVINOGenerator:
    """A compiled generator; fp16 in its file, computed in fp32 on every CPU."""

    def __init__(self, xml: bytes, weights: bytes, *, side: int, latent: int, threads: int = 1) -> None:
        """Compile and warm up.

        Raises:
            WeightsError: the bytes are not a network of the expected shape.

        """
        engine = core()
        try:
            model = engine.read_model(xml, weights)
            model.reshape({model.input(0): [-1, latent], model.input(1): [-1]})
        except (RuntimeError, IndexError) as error:
            raise WeightsError("the generator's network cannot be read; pack it again.") from error
        made = model.output(0).get_partial_shape()
        if len(model.inputs) != 2 or not made.compatible(ov.PartialShape([-1, 3, side, side])):
            raise WeightsError("the generator's network makes other pictures than its manifest says; pack it again.")
        config: dict[str, str | int | bool] = {
            "INFERENCE_PRECISION_HINT": "f32",
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_NUM_THREADS": threads,
        }
        self._request: ov.InferRequest | None = engine.compile_model(model, "CPU", config).create_infer_request()
        self.pictures(np.zeros((len(LABELS), latent), np.float32), np.arange(len(LABELS)))

    @property
    def name(self) -> str:
        """Engine, device and number type."""
        return "openvino cpu fp32"

    def pictures(self, latents: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.uint8]:
        """See ``GeneratorBackend``."""
        assert self._request is not None
        return levels(self._request.infer([latents, labels.astype(np.int64)])[0])

    def close(self) -> None:
        """See ``GeneratorBackend``."""
        self._request = None
