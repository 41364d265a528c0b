"""From a run to a folder in ``weights/generators``: fp16 safetensors, OpenVINO IR, manifest."""

import hashlib
import json
import warnings
from datetime import date
from pathlib import Path
from typing import Final

import openvino as ov
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from inference.generator_manifest import GeneratorManifest
from inference.generator_network import LATENT, Generator
from inference.labels import LABELS
from inference.manifest import MANIFEST_NAME, Role, WeightsFile
from training.data_recipe import DataError
from training.gan.recipe import GanRecipe, load_gan_recipe

_STATE: Final = "model.safetensors"
_GRAPH: Final = "fp16.xml"


def pack_generator(run: Path, out: Path, *, version: str, command: str, split_sha256: str) -> GeneratorManifest:
    """Write the folder of weights; figures are added by whoever measures them.

    Raises:
        DataError: the run has no weights yet, or is one of the baseline, which is not for serving.

    """
    recipe = load_gan_recipe(str(run / "recipe.yaml"))
    if not isinstance(recipe, GanRecipe):
        raise DataError(f"{run} is a run of the baseline: it is measured, never served")
    file = run / "generator.safetensors"
    if not file.is_file():
        raise DataError(f"{file} is missing: train longer, weights are kept at each measurement")
    out.mkdir(parents=True, exist_ok=True)
    state = {name: value.half() if value.is_floating_point() else value for name, value in load_file(file).items()}
    save_file(state, out / _STATE)
    network = Generator(recipe.side, recipe.base_channels).eval()
    network.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    )
    export_generator(network, out / _GRAPH)
    manifest = GeneratorManifest(
        name=out.name,
        version=version,
        task="generator",
        labels=LABELS,
        side=recipe.side,
        base_channels=recipe.base_channels,
        latent=LATENT,
        files=(
            _listed(out, "torch", _STATE),
            _listed(out, "openvino", _GRAPH),
            _listed(out, "openvino", Path(_GRAPH).with_suffix(".bin").name),
        ),
        figures={},
        command=command,
        created=date.today(),
        data={"split_sha256": split_sha256},
    )
    write_generator_manifest(out, manifest)
    return manifest


def export_generator(network: Generator, file: Path) -> None:
    """Write the OpenVINO IR: latents (?, 128) f32 and labels (?,) i64 -> pictures (?, 3, side, side) f32 in [-1, 1]."""
    example = (torch.zeros(2, LATENT), torch.zeros(2, dtype=torch.long))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ov.convert_model(_Full(network), example_input=example, input=[[-1, LATENT], [-1]])
        ov.save_model(model, file, compress_to_fp16=True)


def write_generator_manifest(folder: Path, manifest: GeneratorManifest) -> None:
    """Write ``manifest.json``, readable and in a fixed order."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (folder / MANIFEST_NAME).write_text(text + "\n", "utf-8")


class _Full(nn.Module):
    """The generator with labels counting in full: what serving runs."""

    def __init__(self, network: Generator) -> None:
        super().__init__()
        self.network = network

    def forward(self, latents: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        pictures: torch.Tensor = self.network(latents, labels)
        return pictures


def _listed(folder: Path, role: Role, name: str) -> WeightsFile:
    data = (folder / name).read_bytes()
    return WeightsFile(role=role, path=name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
