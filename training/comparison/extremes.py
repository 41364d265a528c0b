"""A grey picture made small without losing its thin lines: each pixel keeps the darkest, the mean and the brightest."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def extremes(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Shrink a square and keep what a mean alone would wipe out.

    A grey photo as RGB says everything three times. Here the three channels of a pixel are the minimum, the mean and
    the maximum of the cell that it stands for, so that a crack of one pixel is still seen in a picture a third as
    wide. Brightness and contrast change all three alike, as they do in a photo.

    Args:
        pixels: (S, S, 3) uint8, RGB; their luma counts.
        side: of the result, in pixels; a smaller picture than this is scaled up, and its channels are equal.

    Returns:
        (side, side, 3) uint8: darkest, mean, brightest.

    """
    cell = max(1, round(len(pixels) / side))
    grey = Image.fromarray(np.ascontiguousarray(pixels)).convert("L")
    fitted = np.asarray(grey.resize((side * cell, side * cell), Image.Resampling.BICUBIC))
    cells = fitted.reshape(side, cell, side, cell)
    around = (1, 3)
    mean = cells.mean(axis=around).round().astype(np.uint8)
    return np.stack([cells.min(axis=around), mean, cells.max(axis=around)], axis=2)
