"""Any rectangle of a picture -> a square, nothing stretched."""

import numpy as np
from numpy.typing import NDArray

from inference.preprocess import PAD_VALUE
from training.comparison.section import Fill


def squared(pixels: NDArray[np.uint8], fill: Fill) -> NDArray[np.uint8]:
    """Lay the picture in the middle of a square as large as its longer side.

    Args:
        pixels: (H, W, 3) uint8.
        fill: of what is added.

    Returns:
        (S, S, 3) uint8, S = max(H, W).

    """
    height, width = pixels.shape[:2]
    side = max(height, width)
    above, before = (side - height) // 2, (side - width) // 2
    around = ((above, side - height - above), (before, side - width - before), (0, 0))
    if fill == "grey":
        return np.pad(pixels, around, constant_values=PAD_VALUE)
    # "symmetric" rather than "reflect": it can mirror a line of one pixel too.
    return np.pad(pixels, around, mode="edge" if fill == "edge" else "symmetric")
