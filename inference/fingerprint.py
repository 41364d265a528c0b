"""A picture's fingerprint: nearly the same after a messenger has compressed and scaled the picture.

Two parts, which must both be alike. A difference hash (Krawetz 2013) of 256 bits: each tells whether a cell of a
16 x 16 grid is brighter than the next. And the mean colours of a 6 x 6 grid: photos of things before an empty
background agree in most bits of the hash, whatever the thing is.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_CELLS: Final = 16
_PATCHES: Final = 6

BITS: Final = _CELLS * _CELLS
MOST_DIFFERENT: Final = 40
"""Bits, of the first 256, in which two fingerprints of one picture may differ. Unrelated ones differ in about 128."""

MOST_OFF: Final = 4.0
"""Levels, of 255, by which the colours of one picture may differ in the mean."""


def fingerprint(pixels: NDArray[np.uint8]) -> str:
    """280 hexadecimal digits of (H, W, 3) uint8 pixels: 256 bits, then 36 colours of three bytes."""
    image = Image.fromarray(pixels)
    grey = image.convert("L").resize((_CELLS + 1, _CELLS), Image.Resampling.BOX)
    levels = np.asarray(grey, dtype=np.int16)
    colours = image.resize((_PATCHES, _PATCHES), Image.Resampling.BOX)
    return (np.packbits(levels[:, 1:] > levels[:, :-1]).tobytes() + colours.tobytes()).hex()
