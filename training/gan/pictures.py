"""Photos -> square pictures of one thing each, all of one size, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from inference.labels import LABELS, Label
from training.data_recipe import DataError
from training.photo import Photo
from training.pixel_cache import TrimmedPixels

_BORDER: Final = 0.04
"""Share of the side that counts as background."""

_DIFFERENT: Final = 36.0
"""Euclidean distance in levels from the background's colour at which a pixel belongs to the thing."""

_SMALLEST_SHARE: Final = 0.3
"""Of the longer side: a smaller "thing" is a stain or a label, and the whole photo is taken."""

_MARGIN: Final = 0.08
_LONGEST_CUT: Final = 1.25
"""Longer side / shorter side up to which the rest is cut off; longer photos are padded."""


class PictureChoice(Protocol):
    """Which photos become pictures, and how large: every recipe says it."""

    @property
    def side(self) -> int:
        """Of the square pictures, in pixels."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """Data sets whose photos show one thing."""
        ...

    @property
    def least_side(self) -> int:
        """Of a photo's square, in pixels; smaller ones are left out."""
        ...


@dataclass(frozen=True, slots=True)
class Pictures:
    """Real pictures to learn from.

    Attributes:
        pixels: (N, 3, side, side) uint8, RGB.
        labels: (N,) int64, in the order of ``LABELS``.
        paths: of the photos, in the same order.

    """

    pixels: Tensor
    labels: Tensor
    paths: tuple[str, ...]

    def drawn(self, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """So many pictures, each label as often as any other, half of them mirrored: pixels and labels."""
        places = [np.flatnonzero(self.labels.numpy() == label) for label in range(len(LABELS))]
        present = [of_label for of_label in places if len(of_label)]
        chosen = torch.from_numpy(np.array([rng.choice(present[rng.integers(len(present))]) for _ in range(count)]))
        pixels = self.pixels[chosen]
        mirrored = torch.from_numpy(rng.random(count) < 0.5)
        pixels = torch.where(mirrored[:, None, None, None], pixels.flip(3), pixels)
        return pixels, self.labels[chosen]


@dataclass(frozen=True, slots=True)
class RealPictures:
    """What a generator is compared with: the pictures that it learns from, and others that it never sees."""

    train: Pictures
    held_out: Pictures


def usable(photos: Sequence[Photo], recipe: PictureChoice) -> list[Photo]:
    """Those with one sure label, of the recipe's sources."""
    return [photo for photo in photos if photo.is_waste and len(photo.labels) == 1 and photo.source in recipe.sources]


def pictures_of(photos: Sequence[Photo], cache: TrimmedPixels, recipe: PictureChoice) -> Pictures:
    """Cut them square.

    Raises:
        DataError: nothing is left.

    """
    squares, labels, paths = [], [], []
    for photo in usable(photos, recipe):
        cut = square_of(cache[photo.path])
        if cut.shape[0] < recipe.least_side:
            continue
        sized = Image.fromarray(cut).resize((recipe.side, recipe.side), Image.Resampling.LANCZOS)
        squares.append(np.asarray(sized))
        labels.append(LABELS.index(Label(photo.labels[0])))
        paths.append(photo.path)
    if not squares:
        raise DataError("there is no photo to learn from: see the recipe's sources and least_side")
    stacked = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).contiguous()
    return Pictures(stacked, torch.tensor(labels), tuple(paths))


def square_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The thing, if it stands out from a plain background, else the whole photo: (S, S, 3) uint8.

    Where a square does not fit, what is missing gets the background's colour.
    """
    background = _background(pixels)
    top, bottom, left, right = _thing(pixels, background)
    height, width = bottom - top, right - left
    longer, shorter = max(height, width), min(height, width)
    side = shorter if longer <= shorter * _LONGEST_CUT else longer
    middle_y, middle_x = (top + bottom) // 2, (left + right) // 2
    square = np.empty((side, side, 3), dtype=np.uint8)
    square[:] = background
    first_y, first_x = middle_y - side // 2, middle_x - side // 2
    from_y, from_x = max(0, first_y), max(0, first_x)
    to_y, to_x = min(pixels.shape[0], first_y + side), min(pixels.shape[1], first_x + side)
    square[from_y - first_y : to_y - first_y, from_x - first_x : to_x - first_x] = pixels[from_y:to_y, from_x:to_x]
    return square


def _background(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    rim = max(1, round(_BORDER * min(height, width)))
    edges = [pixels[:rim], pixels[-rim:], pixels[:, :rim], pixels[:, -rim:]]
    median: NDArray[np.float64] = np.median(np.concatenate([edge.reshape(-1, 3) for edge in edges]), axis=0)
    return median.astype(np.uint8)


def _thing(pixels: NDArray[np.uint8], background: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of it."""
    height, width = pixels.shape[:2]
    distance = np.linalg.norm(pixels.astype(np.float32) - background.astype(np.float32), axis=2)
    differs = distance > _DIFFERENT
    # A row or column belongs to the thing where a twentieth of it differs: noise and shadows do not.
    rows = np.flatnonzero(differs.mean(axis=1) > 0.05)
    columns = np.flatnonzero(differs.mean(axis=0) > 0.05)
    if not len(rows) or not len(columns):
        return 0, height, 0, width
    tall, wide = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
    if max(tall, wide) < _SMALLEST_SHARE * max(height, width):
        return 0, height, 0, width
    margin = round(_MARGIN * max(tall, wide))
    return (
        max(0, int(rows[0]) - margin),
        min(height, int(rows[-1]) + 1 + margin),
        max(0, int(columns[0]) - margin),
        min(width, int(columns[-1]) + 1 + margin),
    )
