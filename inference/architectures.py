"""The networks, in torch: a backbone, a head for the twelve labels and a head for "is it waste at all".

Imported only where torch is installed: by training and by the torch backend of a GPU host.
"""

from collections.abc import Callable
from typing import Final

import timm
import torch
import torchvision
from torch import Tensor, nn

from inference.labels import LABELS

FEATURES: Final = {
    "efficientnet_lite0": 1280,
    "efficientnet_lite1": 1280,
    "efficientnet_lite2": 1280,
    "resnet18": 512,
    "resnet50": 2048,
}
"""Architecture -> number of pooled features."""

_SIGNED = ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
_IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
"""Mean and deviation per channel, in levels, that the published weights of each family were trained with."""


def _efficientnet_lite(name: str) -> nn.Module:
    # num_classes=0 leaves backbone + pooling (Tan & Le 2019; no squeeze-excitation, ReLU6, built for int8).
    return timm.create_model(f"tf_{name}", pretrained=False, num_classes=0)


def _resnet(name: str) -> nn.Module:
    network: nn.Module = getattr(torchvision.models, name)(weights=None)
    network.fc = nn.Identity()
    return network


def _backbone(architecture: str) -> nn.Module:
    builder: Callable[[str], nn.Module] = _resnet if architecture.startswith("resnet") else _efficientnet_lite
    return builder(architecture)


class WasteClassifier(nn.Module):
    """uint8 photos in, two kinds of logits out.

    ``forward`` takes (N, side, side, 3) uint8 RGB and returns ``(label_logits, waste_logits)``:
    (N, 12) in the order of ``LABELS`` and (N,), whose sigmoid is the probability that waste is shown at all.
    Pixels are normalised inside, so that every backend and every caller shares it.
    """

    def __init__(self, architecture: str) -> None:
        """Build the network with random weights.

        Raises:
            ValueError: the architecture is unknown.

        """
        super().__init__()
        if architecture not in FEATURES:
            raise ValueError(f"unknown architecture {architecture!r}; known: {', '.join(FEATURES)}")
        self.architecture = architecture
        mean, deviation = _IMAGENET if architecture.startswith("resnet") else _SIGNED
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 3, 1, 1), persistent=False)
        self.backbone = _backbone(architecture)
        self.label_head = nn.Linear(FEATURES[architecture], len(LABELS))
        self.waste_head = nn.Linear(FEATURES[architecture], 1)

    def features(self, pixels: Tensor) -> Tensor:
        """Pooled features, (N, F), of (N, side, side, 3) uint8 pixels."""
        # A permuted NHWC batch is already laid out as channels_last: no copy.
        normalised = (pixels.permute(0, 3, 1, 2).to(self.mean.dtype) - self.mean) / self.deviation
        features: Tensor = self.backbone(normalised)
        return features

    def heads(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of (N, F) features: (N, 12) and (N,)."""
        return self.label_head(features), self.waste_head(features).squeeze(-1)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return self.heads(self.features(pixels))


def build_classifier(architecture: str) -> WasteClassifier:
    """A classifier with random weights, in evaluation mode and channels_last layout."""
    return WasteClassifier(architecture).eval().to(memory_format=torch.channels_last)
