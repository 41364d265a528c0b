"""The model file as a peer uses it: OpenVINO's own calls, and either the usual decoding or Bunri's."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from PIL import Image

from inference.classifier import open_classifier
from inference.decode import DecodeLimits
from inference.manifest import load_manifest

Answer = Callable[[bytes], dict[str, float | int]]
"""A photo's bytes -> what is sent back."""


def plain_network(xml: Path, side: int, *, threads: int) -> Answer:
    """Decode with Pillow, scale to the square, call OpenVINO: what its tutorials do."""
    core = ov.Core()
    model = core.read_model(xml)
    model.reshape([1, side, side, 3])
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
    compiled = core.compile_model(model, "CPU", settings)
    request = compiled.create_infer_request()

    def answer(photo: bytes) -> dict[str, float | int]:
        with Image.open(io.BytesIO(photo)) as image:
            square = image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
        return _best(np.array(request.infer([np.asarray(square)[None]])[0][0]))

    return answer


def shared_decoding_network(weights: Path, name: str | None, *, threads: int) -> Answer:
    """The same with Bunri's decoder and preprocessing: the server alone makes the difference."""
    classifier = open_classifier(weights, name, "openvino", limits=DecodeLimits(), threads=threads, workers=1)

    def answer(photo: bytes) -> dict[str, float | int]:
        prepared = classifier.look(photo)
        return _best(classifier.backend.logits(prepared.square[None]).label_logits[0])

    return answer


def of_arguments(words: list[str], *, threads: int) -> Answer:
    """``plain`` or ``shared``, the folder of the weights, and the model's name."""
    decoding, weights, name = words[0], Path(words[1]), words[2] if len(words) > 2 else None
    if decoding == "shared":
        return shared_decoding_network(weights, name, threads=threads)
    manifest, folder = load_manifest(weights, name)
    return plain_network(next(folder.glob("*.xml")), manifest.input_side, threads=threads)


def _best(logits: NDArray[np.float32]) -> dict[str, float | int]:
    powers = np.exp(logits - logits.max())
    best = int(powers.argmax())
    return {"label": best, "confidence": float(powers[best] / powers.sum())}
