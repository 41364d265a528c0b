"""Blur of what the discriminator sees at first: it must not win before there are shapes (Karras et al. 2021)."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

_STRONGEST = 0.03
"""Standard deviation at the start, as a share of the side."""

_WEAKEST_PX = 0.2


def blurred(pictures: Tensor, share: float) -> Tensor:
    """(N, 3, S, S), blurred by a Gaussian; ``share`` in [0, 1] of the strongest."""
    side = pictures.shape[2]
    deviation = _STRONGEST * side * share
    if deviation < _WEAKEST_PX:
        return pictures
    reach = max(1, round(3 * deviation))
    line = torch.arange(-reach, reach + 1, device=pictures.device, dtype=torch.float32)
    weights = torch.exp(-0.5 * (line / deviation) ** 2)
    weights = (weights / weights.sum()).to(pictures.dtype)
    rows, columns = (weights.view(1, 1, *shape).expand(3, 1, *shape) for shape in ((-1, 1), (1, -1)))
    padded = pad(pictures, (reach, reach, reach, reach), mode="reflect")
    return conv2d(conv2d(padded, rows, groups=3), columns, groups=3)
