"""Small pictures that tests make themselves, and folders of them."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from training.photo import Photo

Pixels = NDArray[np.uint8]


def scene(seed: int, height: int = 96, width: int = 128) -> Pixels:
    """(height, width, 3) uint8: soft coloured blobs, like no other seed's, with no plain line."""
    rng = np.random.default_rng(seed)
    blobs = ndimage.gaussian_filter(rng.normal(size=(height, width, 3)), (8, 8, 0), mode="nearest")
    picture = 128 + 60 * blobs / blobs.std() + rng.normal(0, 8, (height, width, 3))
    # Stripes along the rim: no line of it is plain, so nothing is trimmed.
    rim = np.add.outer(np.arange(height), np.arange(width)) % 8 < 4
    edge = np.ones((height, width), dtype=bool)
    edge[2:-2, 2:-2] = False
    picture[edge & rim] = 20
    picture[edge & ~rim] = 235
    return np.asarray(picture.clip(0, 255), dtype=np.uint8)


def framed(pixels: Pixels, top: int, right: int, bottom: int, left: int, level: int = 110) -> Pixels:
    """The picture with plain grey bars."""
    return np.pad(pixels, ((top, bottom), (left, right), (0, 0)), constant_values=level)


def write_photo(root: Path, path: str, pixels: Pixels, **options: Any) -> Path:
    """Save under ``root / path``, in the format of the suffix; PNG and lossless WebP keep every pixel."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file, **options)
    return file


def coloured_photos(root: Path, per_label: int, side: int = 40) -> list[Photo]:
    """Photos that a network can learn in seconds: the label is the colour, "nonwaste" is grey."""
    colours = {
        "metal": (200, 60, 60),
        "paper": (60, 200, 60),
        "plastic": (60, 60, 200),
        "nonwaste": (128,) * 3,
    }
    photos = []
    for place, (label, colour) in enumerate(colours.items()):
        for number in range(per_label):
            grain = scene(1_000 * place + number, side, side).astype(np.float32) - 128
            pixels = (np.array(colour) + 0.4 * grain).clip(0, 255).astype(np.uint8)
            path = f"{label}/{number}.png"
            write_photo(root, path, pixels)
            photos.append(Photo(path, (label,), "tiny"))
    return photos
