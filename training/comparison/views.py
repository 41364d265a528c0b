"""Batches seen otherwise each time: turned, mirrored, cropped, relit, mixed. On the device, a batch at once."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's own name)

from training.comparison.section import Section


class Augmentation(Section):
    """What may happen to a training picture; nothing by default."""

    mirror: bool = False
    quarter_turns: bool = Field(default=False, description="by 0, 90, 180 or 270 degrees: for what has no up")
    rotation: float = Field(default=0.0, ge=0, le=180, description="degrees, either way")
    smallest_area: float = Field(default=1.0, gt=0, le=1, description="of the picture that a crop keeps")
    shift: float = Field(default=0.0, ge=0, le=0.5, description="share of the side, either way")
    brightness: float = Field(default=0.0, ge=0, lt=1)
    contrast: float = Field(default=0.0, ge=0, lt=1)
    erase: float = Field(default=0.0, ge=0, le=1, description="how often a rectangle is greyed (Zhong et al. 2020)")
    mixup: float = Field(default=0.0, ge=0, description="alpha of the beta distribution (Zhang et al. 2018); 0: never")


def as_floats(pixels: Tensor) -> Tensor:
    """(B, S, S, 3) uint8 -> (B, 3, S, S) float32 in [0, 255], channels last in memory."""
    return pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last)


def placements(count: int, how: Augmentation, rng: np.random.Generator) -> NDArray[np.float32]:
    """(count, 2, 3): where each view lies in its picture, as ``affine_grid`` wants it; 1 is half a side."""
    turns = rng.integers(0, 4, count) if how.quarter_turns else np.zeros(count)
    angle = turns * (math.pi / 2) + np.deg2rad(rng.uniform(-how.rotation, how.rotation, count))
    flip = np.where(rng.random(count) < 0.5, -1.0, 1.0) if how.mirror else np.ones(count)
    scale = np.sqrt(rng.uniform(how.smallest_area, 1.0, count))
    # A crop stays within the picture; a shift may leave it, and then the picture is mirrored at its edge.
    drift = (1 - scale)[:, None] * rng.uniform(-1, 1, (count, 2)) + 2 * rng.uniform(-how.shift, how.shift, (count, 2))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    rows = [np.stack([cos * flip, -sin, drift[:, 0]], 1), np.stack([sin * flip, cos, drift[:, 1]], 1)]
    return np.stack(rows, 1).astype(np.float32)


def random_views(pixels: Tensor, how: Augmentation, rng: np.random.Generator) -> Tensor:
    """One view of each picture.

    Args:
        pixels: (B, S, S, 3) uint8.
        how: strengths.
        rng: everything that is random comes from it.

    Returns:
        (B, 3, S, S) float32 in [0, 255], on the pixels' device.

    """
    views = as_floats(pixels)
    count = len(views)
    theta = torch.from_numpy(placements(count, how, rng)).to(views.device)
    grid = F.affine_grid(theta, list(views.shape), align_corners=False)
    views = F.grid_sample(views, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    if how.brightness or how.contrast:
        bright = _column(1 + rng.uniform(-how.brightness, how.brightness, count), views)
        sharp = _column(1 + rng.uniform(-how.contrast, how.contrast, count), views)
        middle = views.mean(dim=(1, 2, 3), keepdim=True)
        views = (((views - middle) * sharp + middle) * bright).clamp(0, 255)
    if how.erase:
        views = _erased(views, how.erase, rng)
    return views.contiguous(memory_format=torch.channels_last)


def mixed(views: Tensor, targets: Tensor, alpha: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Each picture and its target, blended with another's at one share a batch (Zhang et al. 2018).

    Args:
        views: (B, 3, S, S).
        targets: (B, K), each row with sum 1.
        alpha: of the beta distribution of the share; 0 leaves everything as it is.
        rng: draws the share and the partners.

    """
    if not alpha:
        return views, targets
    share = float(rng.beta(alpha, alpha))
    partners = torch.from_numpy(rng.permutation(len(views))).to(views.device)
    return torch.lerp(views[partners], views, share), torch.lerp(targets[partners], targets, share)


def _column(values: NDArray[np.float64], like: Tensor) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).to(like.device).view(-1, 1, 1, 1)


def _erased(views: Tensor, how_often: float, rng: np.random.Generator) -> Tensor:
    count, side = len(views), views.shape[-1]
    chosen = rng.random(count) < how_often
    area, stretch = rng.uniform(0.04, 0.25, count), np.exp(rng.uniform(-0.7, 0.7, count))
    height, width = np.sqrt(area * stretch) * side, np.sqrt(area / stretch) * side
    top, left = rng.uniform(0, side, count) - height / 2, rng.uniform(0, side, count) - width / 2
    line = np.arange(side)[None, :]
    rows = (line >= top[:, None]) & (line < (top + height)[:, None])
    columns = (line >= left[:, None]) & (line < (left + width)[:, None])
    mask = torch.from_numpy(rows[:, :, None] & columns[:, None, :] & chosen[:, None, None]).to(views.device)
    return views.masked_fill(mask[:, None], 127.0)
