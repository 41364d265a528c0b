"""Pixels -> the square the network sees. Training, evaluation and serving all call these functions.

Geometry only: scaling to the network's value range is part of the network, so that every backend shares it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PAD_VALUE: Final = 127
"""Grey that becomes about 0 once the network has scaled [0, 255] to [-1, 1]."""

_BAR_TOLERANCE: Final = 14
"""Levels that compression noise may add to a bar of one colour."""

_BAR_SHARE: Final = 0.985
"""Share of a line's pixels that must lie within the tolerance; the rest may be ringing."""

_SMALLEST_SHARE: Final = 0.08
"""A picture is left whole when trimming would keep less of its area than this: it is plain, not framed."""


class Fit(StrEnum):
    """How a picture of any aspect ratio becomes a square, its own aspect ratio kept."""

    PAD = "pad"
    CROP = "crop"


def _bar_height(pixels: NDArray[np.uint8]) -> int:
    """Number of lines, from the top, that all have one and the same colour."""
    colour = np.median(pixels[0], axis=0)
    for line in range(pixels.shape[0]):
        deviation = np.abs(pixels[line].astype(np.int16) - colour).max(axis=-1)
        if np.mean(deviation <= _BAR_TOLERANCE) < _BAR_SHARE:
            return line
    return int(pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Bars:
    """Plain lines at the four sides of a picture, in pixels; all 0 when there is nothing to trim."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0


def find_bars(pixels: NDArray[np.uint8]) -> Bars:
    """Measure the plain bars (letterbox padding, empty product-photo margins) on all four sides.

    Args:
        pixels: (H, W, 3) uint8, RGB.

    Returns:
        No bars at all when the picture is plain all over, or when what lies between them is hardly anything.

    """
    height, width = pixels.shape[:2]
    top = _bar_height(pixels)
    if top == height:
        return Bars()
    bottom = _bar_height(pixels[::-1])
    if top + bottom >= height:  # two plain areas, one above the other
        return Bars()
    columns = pixels[top : height - bottom].swapaxes(0, 1)
    left = _bar_height(columns)
    right = _bar_height(columns[::-1]) if left < width else 0
    inside = (height - top - bottom) * max(0, width - left - right)
    if inside < _SMALLEST_SHARE * height * width:
        return Bars()
    return Bars(top, bottom, left, right)


def trim_bars(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut plain bars off all four sides; trimming again may cut more, so each picture is trimmed once.

    Data sets pad in a direction that depends on the class, which a network would learn instead of the thing;
    screenshots and forwarded pictures carry bars too.

    Args:
        pixels: (H, W, 3) uint8, RGB.

    Returns:
        A view of ``pixels``, at least 1x1.

    """
    height, width = pixels.shape[:2]
    bars = find_bars(pixels)
    return pixels[bars.top : height - bars.bottom, bars.left : width - bars.right]


def square(pixels: NDArray[np.uint8], side: int, fit: Fit = Fit.PAD) -> NDArray[np.uint8]:
    """Serving's whole way from a decoded photo to the network: ``trim_bars``, then ``fit_square``."""
    return fit_square(trim_bars(pixels), side, fit)


def side_to_decode(side: int, fit: Fit) -> int:
    """Pixels that the longer side of a decoded photo needs, for a square of this side.

    Cropping needs the shorter side, seldom less than half as long.
    """
    return side * 2 if fit is Fit.CROP else side


def fit_square(pixels: NDArray[np.uint8], side: int, fit: Fit = Fit.PAD) -> NDArray[np.uint8]:
    """Scale with the aspect ratio kept, and pad with grey (or crop the centre) to a square.

    Args:
        pixels: (H, W, 3) uint8, RGB, upright, already trimmed; H, W >= 1.
        side: side of the square in pixels, >= 1.
        fit: pad the shorter side, or crop the longer one.

    Returns:
        (side, side, 3) uint8, C-contiguous, a new array.

    """
    height, width = pixels.shape[:2]
    if fit is Fit.CROP:
        shorter = min(height, width)
        top, left = (height - shorter) // 2, (width - shorter) // 2
        pixels = pixels[top : top + shorter, left : left + shorter]
        height = width = shorter
    longer = max(height, width)
    scaled = (max(1, round(width * side / longer)), max(1, round(height * side / longer)))
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if image.size != scaled:
        image = image.resize(scaled, Image.Resampling.BICUBIC, reducing_gap=3.0)
    if scaled == (side, side):
        return np.array(image)
    left, top = (side - scaled[0] + 1) // 2, (side - scaled[1] + 1) // 2
    out = np.full((side, side, 3), PAD_VALUE, dtype=np.uint8)
    out[top : top + scaled[1], left : left + scaled[0]] = np.asarray(image)
    return out
