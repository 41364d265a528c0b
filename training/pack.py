"""From a finished run to a folder in ``weights/``: fp16 safetensors, int8 OpenVINO IR, calibration, manifest."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import nncf
import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from inference.architectures import WasteClassifier, build_classifier
from inference.backends.backend import Backend
from inference.backends.openvino_backend import OpenVINOBackend
from inference.decode import DecodeLimits, decode_image
from inference.labels import LABELS
from inference.manifest import MANIFEST_NAME, ClassifierManifest, Role, WeightsFile
from inference.preprocess import side_to_decode, square
from training.batches import label_mask
from training.calibration import LabelledLogits, fit_temperature, fit_thresholds
from training.classifier_recipe import ClassifierRecipe, load_classifier_recipe
from training.photo import Photo
from training.run_data import recorded_exports
from training.split import Assigned, Part

CALIBRATION_PHOTOS: Final = 400
"""Training photos whose activations set the int8 ranges."""

EXACT_CONVOLUTIONS: Final = 24
"""Convolutions from the input on that are not quantised."""


@dataclass(frozen=True, slots=True)
class PackRequest:
    """What to pack, from where, to where."""

    run: Path
    root: Path
    split: Sequence[Assigned]
    split_sha256: str
    out: Path
    version: str
    command: str
    side: int | None = None
    report: Callable[[str], None] = print


def serving_pixels(root: Path, photo: Photo, recipe: ClassifierRecipe) -> NDArray[np.uint8]:
    """(side, side, 3) uint8: exactly what serving would show the network of this file."""
    data = (root / photo.path).read_bytes()
    needed = side_to_decode(recipe.side, recipe.fit)
    return square(decode_image(data, DecodeLimits(), needed_side=needed).pixels, recipe.side, recipe.fit)


def logits_over(backend: Backend, root: Path, photos: Sequence[Photo], recipe: ClassifierRecipe) -> LabelledLogits:
    """The backend's logits over photo files, one by one as in serving."""
    outputs = [backend.logits(serving_pixels(root, photo, recipe)[None]) for photo in photos]
    return LabelledLogits(
        np.concatenate([o.label_logits for o in outputs]),
        np.concatenate([o.waste_logits for o in outputs]),
        np.stack([label_mask(photo) for photo in photos]),
    )


def _half(path: Path, architecture: str) -> tuple[dict[str, torch.Tensor], WasteClassifier]:
    """The run's weights rounded to fp16, and a fp32 network that holds the rounded values."""
    state = {name: value.half() if value.is_floating_point() else value for name, value in load_file(path).items()}
    network = build_classifier(architecture)
    network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    return state, network


def _calibration_batches(request: PackRequest, recipe: ClassifierRecipe) -> Iterator[NDArray[np.uint8]]:
    train = [row.photo for row in request.split if row.part is Part.TRAIN]
    chosen = np.random.default_rng(recipe.seed).choice(len(train), min(CALIBRATION_PHOTOS, len(train)), replace=False)
    for index in sorted(chosen):
        yield serving_pixels(request.root, train[int(index)], recipe)[None]


def _int8_model(network: WasteClassifier, request: PackRequest, recipe: ClassifierRecipe) -> ov.Model:
    """Post-training quantisation with NNCF, where int8 is cheap in error and worth the time.

    Depthwise convolutions, the first convolutions and the heads stay exact: in the Lites they make most of the error.
    ``backends_agree`` in the manifest tells how often the network still answers as in fp32.
    """
    example = torch.zeros((1, recipe.side, recipe.side, 3), dtype=torch.uint8)
    model = ov.convert_model(network, example_input=example, input=[-1, recipe.side, recipe.side, 3])
    return nncf.quantize(
        model,
        nncf.Dataset(list(_calibration_batches(request, recipe))),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=CALIBRATION_PHOTOS,
        fast_bias_correction=True,
        ignored_scope=nncf.IgnoredScope(names=_exact_layers(model)),
    )


def _exact_layers(model: ov.Model) -> list[str]:
    layers = [(op.get_type_name(), op.get_friendly_name()) for op in model.get_ordered_ops()]
    convolutions = [name for kind, name in layers if kind == "Convolution"]
    always = [name for kind, name in layers if kind in {"GroupConvolution", "MatMul"}]
    return always + convolutions[:EXACT_CONVOLUTIONS]


def _listed(folder: Path, role: Role, name: str) -> WeightsFile:
    data = (folder / name).read_bytes()
    return WeightsFile(role=role, path=name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


def pack_run(request: PackRequest) -> ClassifierManifest:
    """Write the folder of weights.

    Returns:
        The manifest, with no figures yet: ``measure`` adds them.

    """
    recipe = load_classifier_recipe(str(request.run / "recipe.yaml"))
    if request.side is not None:
        recipe = recipe.model_copy(update={"side": request.side})
    request.out.mkdir(parents=True, exist_ok=True)
    state, network = _half(request.run / "model.safetensors", recipe.architecture)
    save_file(state, request.out / "model.safetensors")
    request.report("quantising to int8")
    ov.save_model(_int8_model(network, request, recipe), request.out / "int8.xml")
    files = (
        _listed(request.out, "torch", "model.safetensors"),
        _listed(request.out, "openvino", "int8.xml"),
        _listed(request.out, "openvino", "int8.bin"),
    )
    backend = OpenVINOBackend(
        (request.out / "int8.xml").read_bytes(), (request.out / "int8.bin").read_bytes(), side=recipe.side
    )
    request.report("calibrating on the validation split")
    val = [row.photo for row in request.split if row.part is Part.VAL]
    answers = logits_over(backend, request.root, val, recipe)
    temperature = fit_temperature(answers)
    counts = {part: sum(row.part is part for row in request.split) for part in Part}
    manifest = ClassifierManifest(
        name=request.out.name,
        version=request.version,
        task="classifier",
        architecture=recipe.architecture,
        labels=LABELS,
        input_side=recipe.side,
        fit=recipe.fit,
        files=files,
        temperature=temperature,
        thresholds=fit_thresholds(answers, temperature),
        figures={},
        command=request.command,
        created=date.today(),
        data={
            "split_sha256": request.split_sha256,
            "photos": {str(k): v for k, v in counts.items()},
            "exports": recorded_exports(request.run),
        },
    )
    write_manifest(request.out, manifest)
    return manifest


def write_manifest(folder: Path, manifest: ClassifierManifest) -> None:
    """Write ``manifest.json``, readable and in a fixed order."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (folder / MANIFEST_NAME).write_text(text + "\n", "utf-8")
