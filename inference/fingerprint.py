"""A picture's fingerprint: nearly the same after a messenger has compressed and scaled the picture.

A difference hash (Krawetz 2013) of 256 bits: each tells whether a cell of a 16 x 16 grid is brighter than the next.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_CELLS: Final = 16

BITS: Final = _CELLS * _CELLS
MOST_DIFFERENT: Final = 26
"""Bits, of 256, in which two fingerprints of one picture may differ. Unrelated pictures differ in about 128."""


def fingerprint(pixels: NDArray[np.uint8]) -> str:
    """64 hexadecimal digits of (H, W, 3) uint8 pixels."""
    grey = Image.fromarray(pixels).convert("L").resize((_CELLS + 1, _CELLS), Image.Resampling.BOX)
    levels = np.asarray(grey, dtype=np.int16)
    return np.packbits(levels[:, 1:] > levels[:, :-1]).tobytes().hex()
