"""Step ``crop_to_boxes``: each box on a photo becomes a picture of its own."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.comparison.annotations import Box
from training.comparison.section import Fill, Section
from training.comparison.squaring import squared


class CropToBoxes(Section):
    """``label``: whose the picture gets, its box's or its photo's; photos without a box are left out, and counted."""

    step: Literal["crop_to_boxes"]
    label: Literal["box", "photo"] = "box"
    fill: Fill = "reflect"


def crop_to_box(pixels: NDArray[np.uint8], box: Box, fill: Fill) -> NDArray[np.uint8]:
    """The box, made a square.

    Args:
        pixels: (H, W, 3) uint8.
        box: that lies on them, see ``annotations.clipped``.
        fill: of what is added to the shorter side.

    Returns:
        (S, S, 3) uint8, S being the box's longer side.

    """
    return squared(pixels[box.top : box.bottom, box.left : box.right], fill)
