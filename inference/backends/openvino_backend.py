"""OpenVINO on the CPU: the default, int8."""

import queue
from typing import Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from inference.backends.backend import ONE_BY_ONE, BackendOutput, Batching
from inference.backends.openvino_core import core
from inference.errors import WeightsError
from inference.labels import LABELS

_DEVICE: Final = "CPU"


def _check_shapes(model: ov.Model, side: int) -> None:
    """Refuse a network that is not (?, side, side, 3) u8 -> (?, 12) f32, (?,) f32."""
    photos = ov.PartialShape([-1, side, side, 3])
    labels, waste = ov.PartialShape([-1, len(LABELS)]), ov.PartialShape([-1])
    right = (
        len(model.inputs) == 1
        and model.input(0).get_element_type() == ov.Type.u8
        and photos.compatible(model.input(0).get_partial_shape())
        and len(model.outputs) == 2
        and all(output.get_element_type() == ov.Type.f32 for output in model.outputs)
        and labels.compatible(model.output(0).get_partial_shape())
        and waste.compatible(model.output(1).get_partial_shape())
    )
    if not right:
        found = ", ".join(
            f"{port.get_element_type().get_type_name()} {port.get_partial_shape()}"
            for port in (*model.inputs, *model.outputs)
        )
        raise WeightsError(
            f"the OpenVINO network has inputs and outputs ({found}) other than its manifest says; "
            "export it again or choose another model (BUNRI_INFERENCE__MODEL)."
        )


class OpenVINOBackend:
    """A compiled OpenVINO network; one inference request for each photo in flight.

    The network is compiled for one photo at a time: on a CPU a batch of photos gains nothing over as many
    streams side by side, and a fixed shape is faster.
    """

    def __init__(self, xml: bytes, weights: bytes, *, side: int, threads: int = 0, streams: int = 1) -> None:
        """Compile and warm up.

        Args:
            xml: the IR's topology, already verified.
            weights: the IR's constants, already verified.
            side: side of the square input, in pixels.
            threads: CPU threads in all; 0 lets OpenVINO take the machine's cores.
            streams: photos that may run side by side, >= 1; they share the threads.

        Raises:
            WeightsError: the bytes are not a network of the expected shape.

        """
        engine = core()
        try:
            model = engine.read_model(xml, weights)
        except RuntimeError as error:
            raise WeightsError(
                "the OpenVINO network cannot be read; export it again or choose another model (BUNRI_INFERENCE__MODEL)."
            ) from error
        _check_shapes(model, side)
        model.reshape([1, side, side, 3])
        config: dict[str, str | int | bool] = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": streams,
            # What is not int8 stays fp32 on every CPU: the same answer with and without bf16 instructions.
            "INFERENCE_PRECISION_HINT": "f32",
            # A pinned thread waits for its core while a neighbour computes there and other cores are free.
            "ENABLE_CPU_PINNING": False,
        }
        if threads:
            config["INFERENCE_NUM_THREADS"] = threads
        compiled = engine.compile_model(model, _DEVICE, config)
        all_threads = int(compiled.get_property("INFERENCE_NUM_THREADS"))
        self._threads_per_call = max(1, all_threads // streams)
        self._side = side
        self._idle: queue.SimpleQueue[ov.InferRequest] = queue.SimpleQueue()
        blank = np.zeros((1, side, side, 3), dtype=np.uint8)
        for _ in range(streams):
            request = compiled.create_infer_request()
            request.infer([blank])
            self._idle.put(request)

    @property
    def name(self) -> str:
        """Engine, device and number type."""
        return "openvino cpu int8"

    @property
    def threads_per_call(self) -> int:
        """CPU threads that one call may use."""
        return self._threads_per_call

    @property
    def batching(self) -> Batching:
        """One photo: more of them run side by side, each in a stream of its own."""
        return ONE_BY_ONE

    def logits(self, batch: NDArray[np.uint8]) -> BackendOutput:
        """Run the network on (N, side, side, 3) uint8; see ``Backend``."""
        label_logits = np.empty((len(batch), len(LABELS)), dtype=np.float32)
        waste_logits = np.empty(len(batch), dtype=np.float32)
        request = self._idle.get()
        try:
            for row in range(len(batch)):
                outputs = request.infer([batch[row : row + 1]], share_inputs=True, share_outputs=True)
                label_logits[row] = outputs[0][0]
                waste_logits[row] = outputs[1][0]
        finally:
            self._idle.put(request)
        return BackendOutput(label_logits, waste_logits)

    def close(self) -> None:
        """Drop the compiled network."""
        while not self._idle.empty():
            self._idle.get()
