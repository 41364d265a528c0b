"""A tiny classifier with random weights, exported the way real ones are: manifest, safetensors, IR."""

import hashlib
import json
import shutil
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inference.labels import LABELS

TINY_NAME = "tiny"
TINY_SIDE = 64
TINY_ARCHITECTURE = "efficientnet_lite0"


def _export(folder: Path) -> None:
    import numpy as np
    import openvino as ov
    import safetensors.torch
    import torch

    from inference.architectures import build_classifier

    torch.manual_seed(7)
    network = build_classifier(TINY_ARCHITECTURE)
    # Batch norm sees a few noise pictures, so that activations neither vanish nor explode.
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    network.train()
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, (16, TINY_SIDE, TINY_SIDE, 3), dtype=np.uint8)
    with torch.no_grad():
        network(torch.from_numpy(noise))
    network.eval()
    network.load_state_dict({k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()})
    state = {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in network.state_dict().items()}
    safetensors.torch.save_file(state, folder / "model.safetensors")
    example = torch.zeros(1, TINY_SIDE, TINY_SIDE, 3, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ov.convert_model(network, example_input=example, input=[(-1, TINY_SIDE, TINY_SIDE, 3)])
        ov.save_model(model, folder / "int8.xml", compress_to_fp16=False)


def describe(folder: Path, role: str, path: str) -> dict[str, Any]:
    """The manifest entry of a file as it is now."""
    content = (folder / path).read_bytes()
    return {"role": role, "path": path, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def tiny_manifest(folder: Path) -> dict[str, Any]:
    """A correct manifest of the files in ``folder``, as JSON values to alter at will."""
    return {
        "name": folder.name,
        "version": "0",
        "task": "classifier",
        "architecture": TINY_ARCHITECTURE,
        "labels": [label.value for label in LABELS],
        "input_side": TINY_SIDE,
        "fit": "pad",
        "files": [
            describe(folder, "torch", "model.safetensors"),
            describe(folder, "openvino", "int8.xml"),
            describe(folder, "openvino", "int8.bin"),
        ],
        "temperature": 1.0,
        "thresholds": {"answer": 0.9, "candidate": 0.1, "waste": 0.0, "hazard_battery": 0.05},
        "figures": {"top1": 0.08},
        "command": "tests/weights_fixture.py",
        "created": date(2026, 1, 1).isoformat(),
        "data": {"split": {"seed": 7}},
    }


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder with one model in it. Shared: tests that alter it take ``own_weights``."""
    weights = tmp_path_factory.mktemp("weights")
    folder = weights / TINY_NAME
    folder.mkdir()
    _export(folder)
    write_manifest(folder, tiny_manifest(folder))
    (weights / "index.json").write_text(json.dumps({"classifier": TINY_NAME}), encoding="utf-8")
    return weights


@pytest.fixture
def own_weights(tiny_weights: Path, tmp_path: Path) -> Path:
    """A copy of the tiny weights that a test may spoil."""
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))
