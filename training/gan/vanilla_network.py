"""The baseline's two networks: fully connected, one pair for each label (Goodfellow et al. 2014).

Sizes are those of the widely copied teaching example that the predecessor used: five linear layers up, three down.
"""

import itertools
import math
from typing import Final

from torch import Tensor, nn

VANILLA_LATENT: Final = 100

_GENERATOR_WIDTHS: Final = (128, 256, 512, 1024)
_DISCRIMINATOR_WIDTHS: Final = (512, 256)


class VanillaGenerator(nn.Module):
    """``forward`` takes latents (N, 100) and returns (N, 3, side, side) in [-1, 1]."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side
        layers: list[nn.Module] = []
        given = VANILLA_LATENT
        for width in _GENERATOR_WIDTHS:
            layers.append(nn.Linear(given, width))
            if given != VANILLA_LATENT:
                layers.append(nn.BatchNorm1d(width, eps=0.8))  # as the example has it
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            given = width
        self.layers = nn.Sequential(*layers, nn.Linear(given, 3 * side * side), nn.Tanh())

    def forward(self, latents: Tensor) -> Tensor:
        pictures: Tensor = self.layers(latents)
        return pictures.view(len(latents), 3, self.side, self.side)


class VanillaDiscriminator(nn.Module):
    """``forward`` takes (N, 3, side, side) in [-1, 1] and returns logits (N,): high for what looks real."""

    def __init__(self, side: int) -> None:
        super().__init__()
        widths = (3 * side * side, *_DISCRIMINATOR_WIDTHS)
        layers: list[nn.Module] = []
        for given, width in itertools.pairwise(widths):
            layers += [nn.Linear(given, width), nn.LeakyReLU(0.2, inplace=True)]
        self.layers = nn.Sequential(nn.Flatten(), *layers, nn.Linear(widths[-1], 1))

    def forward(self, pictures: Tensor) -> Tensor:
        logits: Tensor = self.layers(pictures)
        return logits.flatten()


def steps_of(kimg: float, batch: int, labels: int) -> int:
    """Steps that each of so many labels gets of a budget for all of them."""
    return max(1, math.ceil(kimg * 1000 / batch / labels))
