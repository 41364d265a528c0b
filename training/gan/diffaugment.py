"""Augmentations that gradients pass: the discriminator sees no picture as it is, real or made (Zhao et al. 2020)."""

import torch
from torch import Tensor

_BRIGHTNESS = 0.3
_SATURATION = (0.6, 1.4)
_CONTRAST = (0.7, 1.3)
_SHIFT = 0.125
_HOLE = 0.4


def augmented(pictures: Tensor) -> Tensor:
    """Colour, shift and a hole, each picture its own: (N, 3, S, S) in [-1, 1] or a little beyond.

    Colours move less than in the paper: white, green and brown glass must stay apart.
    """
    return _with_hole(_shifted(_recoloured(pictures)))


def _recoloured(x: Tensor) -> Tensor:
    shape = (len(x), 1, 1, 1)
    x = x + (torch.rand(shape, device=x.device) - 0.5) * 2 * _BRIGHTNESS
    grey = x.mean(dim=1, keepdim=True)
    x = grey + (x - grey) * torch.empty(shape, device=x.device).uniform_(*_SATURATION)
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (x - mean) * torch.empty(shape, device=x.device).uniform_(*_CONTRAST)


def _shifted(x: Tensor) -> Tensor:
    count, _, side, _ = x.shape
    most = int(side * _SHIFT + 0.5)
    down, right = (torch.randint(-most, most + 1, (count, 1), device=x.device) for _ in range(2))
    line = torch.arange(side, device=x.device)[None]
    # What comes in from outside repeats the rim: black bars would be a fault of their own.
    rows = (line + down).clamp(0, side - 1)
    columns = (line + right).clamp(0, side - 1)
    picture = torch.arange(count, device=x.device)[:, None, None]
    return x.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _with_hole(x: Tensor) -> Tensor:
    count, _, side, _ = x.shape
    hole = int(side * _HOLE + 0.5)
    top, left = (torch.randint(-hole // 2, side - hole // 2, (count, 1, 1), device=x.device) for _ in range(2))
    line = torch.arange(side, device=x.device)
    rows, columns = line[None, :, None], line[None, None, :]
    inside = (rows >= top) & (rows < top + hole) & (columns >= left) & (columns < left + hole)
    return x * (~inside)[:, None].to(x.dtype)
