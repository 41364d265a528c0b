"""The generator's network, in torch: a latent vector and a label in, a picture out.

A small FastGAN (Liu et al. 2021) as Projected GAN uses it (Sauer et al. 2021), made conditional. Imported only where
torch is installed: by training and by the torch backend of a GPU host.
"""

import math
from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn

from inference.labels import LABELS

LATENT: Final = 128
"""Numbers of a latent vector."""

_EMBEDDING: Final = 64
_WIDTH: Final[Mapping[int, int]] = {4: 16, 8: 8, 16: 4, 32: 2, 64: 1, 128: 1}
"""Side of a feature map -> its channels, in multiples of ``base_channels``."""

_GATES: Final = ((4, 64), (8, 128))
"""Skip-layer excitation: channels of the larger map are weighted by what the smaller one shows."""


class Generator(nn.Module):
    """Pictures of a label.

    ``forward`` takes latents (N, 128) float of length sqrt(128), or shorter (``latents.py``), and labels
    (N,) int64 in the order of ``LABELS``; it returns (N, 3, side, side) in [-1, 1]. ``strength`` in [0, 1] is how much
    the label counts: training raises it from 0, since conditions that count from the start make a generator forget to
    vary (Shahbazi et al. 2022).
    """

    def __init__(self, side: int, base_channels: int) -> None:
        """Build the network with random weights.

        Raises:
            ValueError: there is no such side.

        """
        super().__init__()
        if side not in (64, 128):
            raise ValueError(f"pictures of {side} pixels are not made: 64 or 128")
        self.side, self.base_channels = side, base_channels
        width = {size: base_channels * multiple for size, multiple in _WIDTH.items()}
        self.embedding = nn.Embedding(len(LABELS), _EMBEDDING)
        self.start = nn.Sequential(
            nn.ConvTranspose2d(LATENT, 2 * width[4], 4, bias=False),
            nn.BatchNorm2d(2 * width[4]),
            nn.GLU(dim=1),
        )
        sizes = [2**power for power in range(3, int(math.log2(side)) + 1)]
        self.blocks = nn.ModuleList(_UpBlock(width[size // 2], width[size]) for size in sizes)
        self.gates = nn.ModuleDict(
            {str(large): _Gate(width[small], width[large]) for small, large in _GATES if large <= side}
        )
        self.to_picture = nn.Conv2d(width[side], 3, 3, padding=1)

    def forward(self, latents: Tensor, labels: Tensor, strength: float = 1.0) -> Tensor:
        condition = self.embedding(labels) * strength
        maps = {4: self.start(latents[:, :, None, None])}
        size = 4
        for block in self.blocks:
            grown = block(maps[size], condition)
            size *= 2
            if str(size) in self.gates:
                grown = self.gates[str(size)](maps[size // 16], grown)
            maps[size] = grown
        return torch.tanh(self.to_picture(maps[size]))


class _ConditionalNorm(nn.Module):
    """Batch normalisation whose gain and bias a label moves."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.of_label = nn.Linear(_EMBEDDING, 2 * channels, bias=False)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        gain, bias = self.of_label(condition).chunk(2, dim=1)
        moved: Tensor = self.norm(x) * (self.gain + gain)[:, :, None, None] + (self.bias + bias)[:, :, None, None]
        return moved


class _UpBlock(nn.Module):
    """Twice the side."""

    def __init__(self, given: int, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(given, 2 * channels, 3, padding=1, bias=False)
        self.norm = _ConditionalNorm(2 * channels)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        x = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
        return nn.functional.glu(self.norm(self.conv(x), condition), dim=1)


class _Gate(nn.Module):
    def __init__(self, small: int, large: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Conv2d(small, large, 4, bias=False),
            nn.SiLU(),
            nn.Conv2d(large, large, 1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, small: Tensor, large: Tensor) -> Tensor:
        weighted: Tensor = large * self.layers(small)
        return weighted
