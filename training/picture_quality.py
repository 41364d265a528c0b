"""Whether a photo shows enough to be labelled: how sharp, how bright. Pure functions of pixels."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIDE: Final = 256
"""Longer side at which sharpness is measured: else the megapixels of a phone would count as blur."""

_LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""ITU-R BT.601."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one photo.

    Attributes:
        sharpness: variance of the Laplacian (Pech-Pacheco et al. 2000) of 8-bit luminance; 0 for a plain area.
        brightness: the 95th percentile of luminance, 0 to 255: a dark photo has no bright place.

    """

    sharpness: float
    brightness: float


def quality(pixels: NDArray[np.uint8]) -> Quality:
    """Of (H, W, 3) uint8 RGB, H and W at least 1."""
    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(3, round(width * scale)), max(3, round(height * scale)))
    small = np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.BOX))
    grey = small.astype(np.float32) @ _LUMA
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return Quality(float(laplacian.var()), float(np.quantile(grey, 0.95)))
