"""Pictures that do not compress well."""

import io

import numpy as np
from PIL import Image


def noisy_png(side: int) -> bytes:
    """A PNG of about three bytes a pixel."""
    pixels = np.random.default_rng(7).integers(0, 255, (side, side, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
