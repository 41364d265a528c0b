"""What pictures are measured by: features of a network that the discriminator never saw."""

from typing import Final

import timm
import torch
from torch import Tensor

from training.initial_weights import load_by_order, package_weights

MEASURING: Final = "efficientnet_lite1"
"""ImageNet weights; the discriminator's features are EfficientNet-Lite0's."""

SECOND: Final = "efficientnet_lite2"
"""Another one; the product's classifier began from its weights, so that KID alone is told on it."""

_SIDE: Final = 128
_BATCH: Final = 32


class PictureFeatures:
    """Pooled features of pictures."""

    def __init__(self, device: str = "cpu", name: str = MEASURING) -> None:
        network = timm.create_model(f"tf_{name}", pretrained=False, num_classes=0)
        load_by_order(network, package_weights(name))
        self._network = network.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
        self._device = device

    @torch.inference_mode()
    def of(self, pictures: Tensor) -> Tensor:
        """(N, 1280) float32 on the CPU, of (N, 3, S, S) uint8."""
        found = []
        for batch in torch.split(pictures, _BATCH):
            scaled = batch.to(self._device).float() / 127.5 - 1
            seen = torch.nn.functional.interpolate(scaled, (_SIDE, _SIDE), mode="bilinear", align_corners=False)
            found.append(self._network(seen.contiguous(memory_format=torch.channels_last)).float().cpu())
        return torch.cat(found)
