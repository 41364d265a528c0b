"""A picture that costs a decoder about as much as a photo does, made from a seed."""

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

WIDTH: Final = 1280
HEIGHT: Final = 960
_QUALITY: Final = 85

_OCTAVES: Final = ((6, 55.0), (24, 22.0), (96, 10.0), (320, 6.0))
"""Cells across the picture and amplitude in levels: in natural images amplitude falls like 1 / frequency
(Field 1987)."""

_GRAIN: Final = 2.0
"""Standard deviation of the sensor's noise, in levels."""


def synthetic_scene(seed: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Smoothed noise in octaves, a few plain shapes with sharp edges, and grain: (height, width, 3) uint8."""
    rng = np.random.default_rng(seed)
    levels = np.full((height, width, 3), 128.0, dtype=np.float32)
    for cells, amplitude in _OCTAVES:
        rows = max(2, cells * height // width)
        noise = rng.normal(0.0, amplitude, (3, rows, cells)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(noise[channel]).resize((width, height), Image.Resampling.BICUBIC)
            levels[..., channel] += np.asarray(layer)
    scene = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(scene)
    for _ in range(4):
        left, top = (int(rng.integers(0, side * 3 // 4)) for side in (width, height))
        right, bottom = left + int(rng.integers(40, width // 3)), top + int(rng.integers(40, height // 3))
        colour = tuple(int(level) for level in rng.integers(0, 256, 3))
        draw.rounded_rectangle((left, top, right, bottom), radius=20, fill=colour)
    grainy = np.asarray(scene) + rng.normal(0.0, _GRAIN, (height, width, 1)).astype(np.float32)
    grained: NDArray[np.uint8] = grainy.clip(0, 255).astype(np.uint8)
    return grained


def synthetic_photo(seed: int = 0) -> bytes:
    """A 1280x960 JPEG, as messengers send photos: quality 85, about 150 kB."""
    file = io.BytesIO()
    Image.fromarray(synthetic_scene(seed)).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
