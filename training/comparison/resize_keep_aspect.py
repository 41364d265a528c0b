"""Step ``resize_keep_aspect``: the size at which all pictures of a task are kept."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field

from training.comparison.extremes import extremes
from training.comparison.section import Fill, Section
from training.comparison.squaring import squared

Channels = Literal["rgb", "extremes"]


class ResizeKeepAspect(Section):
    """The picture is scaled, never stretched; ``fill`` makes it a square.

    ``channels``: ``rgb``, or ``extremes`` for grey photos, see ``extremes.py``.
    """

    step: Literal["resize_keep_aspect"]
    side: int = Field(ge=16, le=512)
    fill: Fill = "reflect"
    channels: Channels = "rgb"


def resize_keep_aspect(
    pixels: NDArray[np.uint8], side: int, fill: Fill, channels: Channels = "rgb"
) -> NDArray[np.uint8]:
    """Scale the longer side to ``side`` and fill the rest.

    Args:
        pixels: (H, W, 3) uint8.
        side: of the result, in pixels.
        fill: of what is added to the shorter side.
        channels: what the three channels of the result hold.

    Returns:
        (side, side, 3) uint8.

    """
    if channels == "extremes":
        return extremes(squared(pixels, fill), side)
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return squared(np.asarray(image.resize(size, Image.Resampling.BICUBIC)), fill)
