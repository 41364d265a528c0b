"""One photo of a data set, and reading its pixels for training."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decode import DecodeLimits, decode_image

NONWASTE: Final = "nonwaste"
"""The pseudo-label of photos that show no household waste."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo and what is known of it.

    Attributes:
        path: relative to the data root, with forward slashes.
        labels: the label, or several when it is only known to be one of them; ``("nonwaste",)`` for none.
        source: name of the data set it came from.

    """

    path: str
    labels: tuple[str, ...]
    source: str

    @property
    def is_waste(self) -> bool:
        return self.labels != (NONWASTE,)


def read_pixels(root: Path, photo: Photo, needed_side: int | None = None) -> NDArray[np.uint8]:
    """Decode a photo exactly as serving does.

    Returns:
        (H, W, 3) uint8, RGB, upright.

    Raises:
        DecodeError: the file is not an acceptable photo.
        OSError: the file cannot be read.

    """
    data = (root / photo.path).read_bytes()
    return decode_image(data, DecodeLimits(), needed_side=needed_side).pixels
