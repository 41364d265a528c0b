"""Precision, recall, density, coverage and memorisation, from distances between features.

Kynkäänniemi et al. 2019 (precision, recall), Naeem et al. 2020 (density, coverage), Alaa et al. 2022 (authenticity).
Pure functions of (N, F) float tensors.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

_NEAREST: Final = 5


@dataclass(frozen=True, slots=True)
class Manifold:
    """How made pictures lie among real ones; the best of each is 1.

    Attributes:
        precision: share of made pictures that lie among real ones.
        recall: share of real pictures that lie among made ones.
        density: how many real neighbourhoods a made picture lies in, of 5, in the mean; may exceed 1.
        coverage: share of real pictures with a made one in their neighbourhood.

    """

    precision: float
    recall: float
    density: float
    coverage: float


def manifold(real: Tensor, made: Tensor) -> Manifold:
    """With neighbourhoods out to the fifth nearest."""
    real_radii, made_radii = _radii(real), _radii(made)
    between = torch.cdist(real, made)
    inside = between < real_radii[:, None]
    return Manifold(
        precision=float(inside.any(dim=0).float().mean()),
        recall=float((between < made_radii[None]).any(dim=1).float().mean()),
        density=float(inside.float().sum(dim=0).mean() / _NEAREST),
        coverage=float(inside.any(dim=1).float().mean()),
    )


@dataclass(frozen=True, slots=True)
class Memory:
    """Whether made pictures are copies.

    Attributes:
        authentic: share that is farther from its nearest training picture than that one is from its own nearest.
        copies: made pictures nearer to a training picture than 999 of 1,000 real pictures never trained on are.
        nearest: (N,) place of each made picture's nearest training picture.
        distance: (N,) how far that is.

    """

    authentic: float
    copies: int
    nearest: Tensor
    distance: Tensor


def memory(train: Tensor, held_out: Tensor, made: Tensor, mirrored: Tensor) -> Memory:
    """``mirrored`` are the features of the made pictures seen in a mirror, in the same order."""
    straight, mirror = torch.cdist(made, train).min(dim=1), torch.cdist(mirrored, train).min(dim=1)
    is_mirror = mirror.values < straight.values
    distance = torch.where(is_mirror, mirror.values, straight.values)
    nearest = torch.where(is_mirror, mirror.indices, straight.indices)
    own = torch.cat([_nearest_but_itself(train, part) for part in torch.split(torch.arange(len(train)), 1024)])
    usual = torch.cdist(held_out, train).min(dim=1).values
    threshold = torch.quantile(usual, 0.001)
    return Memory(
        authentic=float((distance > own[nearest]).float().mean()),
        copies=int((distance < threshold).sum()),
        nearest=nearest,
        distance=distance,
    )


def _radii(features: Tensor) -> Tensor:
    distances = torch.cdist(features, features)
    return distances.kthvalue(min(_NEAREST + 1, len(features)), dim=1).values


def _nearest_but_itself(features: Tensor, places: Tensor) -> Tensor:
    distances = torch.cdist(features[places], features)
    distances[torch.arange(len(places)), places] = torch.inf
    return distances.min(dim=1).values
