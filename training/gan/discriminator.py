"""A discriminator on the frozen features of an ImageNet network (Sauer et al. 2021, "Projected GANs")."""

from typing import Final

import timm
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from inference.labels import LABELS
from training.depthwise import speed_up_depthwise
from training.initial_weights import load_by_order, package_weights

FROZEN: Final = "efficientnet_lite0"
"""Whoever measures a generator must not use this network: the generator was taught to please it."""

_CHANNELS: Final = (24, 40, 112, 320)
"""Of its maps at a 4th, 8th, 16th and 32nd of the side."""


class ProjectedDiscriminator(nn.Module):
    """Judges pictures at four scales.

    ``maps`` takes (N, 3, S, S) in [-1, 1] to the frozen network's maps, which nothing that is learned has touched: made
    once, they serve the discriminator's step and the generator's. ``judged`` takes them and labels (N,), and returns
    logits (N, M), one for each place of each map: high for what looks real, and by ``strength`` in [0, 1] for what
    looks like its label (Miyato & Koyama 2018). ``named`` returns (N, 12) logits of the labels that maps show.
    """

    def __init__(self, seen_side: int, head_channels: int) -> None:
        super().__init__()
        self.seen_side = seen_side
        self.features = _FrozenFeatures(head_channels)
        self.heads = nn.ModuleList(_Head(width, head_channels * 2) for width in self.features.widths)
        # A linear probe only: what can be pleased without looking right is little (Sauer et al. 2022, "StyleGAN-XL").
        deepest = self.features.widths[-1]
        self.probe = nn.Sequential(nn.LayerNorm(deepest, elementwise_affine=False), nn.Linear(deepest, len(LABELS)))

    def trainable(self) -> list[nn.Parameter]:
        """What an optimiser may move: the heads and the probe."""
        return [*self.heads.parameters(), *self.probe.parameters()]

    def maps(self, pictures: Tensor) -> list[Tensor]:
        """See the class."""
        size = (self.seen_side, self.seen_side)
        seen = nn.functional.interpolate(pictures, size, mode="bilinear", align_corners=False)
        found: list[Tensor] = self.features(seen.contiguous(memory_format=torch.channels_last))
        return found

    def judged(self, maps: list[Tensor], labels: Tensor, strength: float) -> Tensor:
        """See the class."""
        return torch.cat([head(each, labels, strength) for head, each in zip(self.heads, maps, strict=True)], dim=1)

    def named(self, maps: list[Tensor]) -> Tensor:
        """See the class."""
        logits: Tensor = self.probe(maps[-1].mean(dim=(2, 3)))
        return logits


class _FrozenFeatures(nn.Module):
    """Features mixed over channels and scales by random convolutions that never learn: nothing can be overlooked."""

    def __init__(self, base: int) -> None:
        super().__init__()
        network = timm.create_model(f"tf_{FROZEN}", pretrained=False, features_only=True, out_indices=(1, 2, 3, 4))
        whole = timm.create_model(f"tf_{FROZEN}", pretrained=False, num_classes=0)
        load_by_order(whole, package_weights(FROZEN))
        wanted = whole.state_dict()
        network.load_state_dict({name: wanted[name] for name in network.state_dict()})
        speed_up_depthwise(network)
        self.network = network
        self.widths = tuple(base * 2**place for place in range(len(_CHANNELS)))
        self.across_channels = nn.ModuleList(
            nn.Conv2d(given, width, 1) for given, width in zip(_CHANNELS, self.widths, strict=True)
        )
        self.across_scales = nn.ModuleList(
            nn.Conv2d(deeper, width, 3, padding=1)
            for width, deeper in zip(self.widths[:-1], self.widths[1:], strict=True)
        )
        for module in (*self.across_channels, *self.across_scales):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            nn.init.zeros_(module.bias)
        self.requires_grad_(False)

    def train(self, mode: bool = True) -> "_FrozenFeatures":
        """Stays in evaluation mode: the statistics of its norms are ImageNet's."""
        super().train(False)
        return self

    def forward(self, pictures: Tensor) -> list[Tensor]:
        maps = [mix(each) for mix, each in zip(self.across_channels, self.network(pictures), strict=True)]
        for place in range(len(maps) - 2, -1, -1):
            up = nn.functional.interpolate(maps[place + 1], maps[place].shape[2:], mode="bilinear", align_corners=False)
            maps[place] = maps[place] + self.across_scales[place](up)
        return maps


class _Head(nn.Module):
    def __init__(self, given: int, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            spectral_norm(nn.Conv2d(given, channels, 3, stride=1, padding=1, bias=False)),
            nn.BatchNorm2d(channels),
            nn.LeakyReLU(0.2, inplace=True),
            spectral_norm(nn.Conv2d(channels, channels, 4, stride=2, padding=1, bias=False)),
            nn.BatchNorm2d(channels),
            nn.LeakyReLU(0.2, inplace=True),
        )
        self.real = spectral_norm(nn.Conv2d(channels, 1, 1))
        self.of_label = spectral_norm(nn.Embedding(len(LABELS), channels))

    def forward(self, x: Tensor, labels: Tensor, strength: float) -> Tensor:
        if x.shape[2] < 2:
            x = nn.functional.interpolate(x, size=(2, 2), mode="nearest")
        hidden = self.layers(x)
        logits = self.real(hidden).flatten(1)
        likeness = torch.einsum("nchw,nc->nhw", hidden, self.of_label(labels)) / hidden.shape[1] ** 0.5
        return torch.as_tensor(logits + strength * likeness.flatten(1))
