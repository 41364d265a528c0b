"""Decoded training pixels in one memory-mapped file: epochs and processes share the work of decoding.

What the cache holds is trimmed already, so it goes to the network through ``fit_square``. Up to the bounded
side nothing is lost, and the network sees what serving would show it; larger photos are scaled twice.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.decode import decode_image
from inference.errors import DecodeError
from inference.preprocess import trim_bars
from training.parallel import in_processes
from training.photo import Photo, read_pixels


class TrimmedPixels(Protocol):
    """Where a photo's pixels come from: a ``PixelCache``, or ``PhotoFiles`` decoded anew each time."""

    def __getitem__(self, path: str, /) -> NDArray[np.uint8]:
        """(H, W, 3) uint8, RGB, upright, without plain bars.

        Args:
            path: of the photo, relative to the data root.

        Raises:
            KeyError, OSError: there is no such photo.
            DecodeError: it cannot be decoded.

        """
        ...


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """Pixels straight from the files, decoded as serving does.

    Attributes:
        root: what paths are relative to.
        needed_side: see ``decode_image``.

    """

    root: Path
    needed_side: int | None = None

    def __getitem__(self, path: str, /) -> NDArray[np.uint8]:
        data = (self.root / path).read_bytes()
        return trim_bars(decode_image(data, needed_side=self.needed_side).pixels)


def _bounded(root: Path, longer_side: int, photo: Photo) -> NDArray[np.uint8] | None:
    try:
        pixels = trim_bars(read_pixels(root, photo))
    except (DecodeError, OSError):
        return None
    height, width = pixels.shape[:2]
    if max(height, width) > longer_side:
        scale = longer_side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = Image.fromarray(np.ascontiguousarray(pixels))
        pixels = np.asarray(image.resize(size, Image.Resampling.BICUBIC))
    return np.ascontiguousarray(pixels)


@dataclass(frozen=True, slots=True)
class PixelCache:
    """Pixels by path: trimmed, longer side bounded, aspect ratio kept."""

    flat: NDArray[np.uint8]
    places: dict[str, tuple[int, int, int]]

    def __contains__(self, path: str) -> bool:
        return path in self.places

    def __getitem__(self, path: str, /) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 of the photo, a read-only view."""
        offset, height, width = self.places[path]
        view: NDArray[np.uint8] = self.flat[offset : offset + height * width * 3].reshape(height, width, 3)
        return view


def content_key(root: Path, photos: Sequence[Photo], *settings: str) -> str:
    """16 hexadecimal digits that change with the settings and with the photos' paths, sizes or order."""
    key = hashlib.sha256("\0".join(settings).encode())
    for photo in photos:
        try:
            size = (root / photo.path).stat().st_size
        except OSError:
            size = -1
        key.update(f"{photo.path}\0{size}\n".encode())
    return key.hexdigest()[:16]


def _write_pixels(
    file: Path, root: Path, photos: Sequence[Photo], longer_side: int, workers: int
) -> dict[str, tuple[int, int, int]]:
    places: dict[str, tuple[int, int, int]] = {}
    offset = 0
    with file.open("wb") as stream:
        decoded = in_processes(partial(_bounded, root, longer_side), photos, workers)
        for photo, pixels in zip(photos, decoded, strict=True):
            if pixels is None:
                continue
            stream.write(pixels.tobytes())
            places[photo.path] = (offset, pixels.shape[0], pixels.shape[1])
            offset += pixels.size
    return places


def open_pixel_cache(
    folder: Path, root: Path, photos: Sequence[Photo], longer_side: int, workers: int = 2
) -> PixelCache:
    """Open the cache of these photos, making it first where it is missing.

    Unreadable photos are left out of ``places``; callers report them. The cache is named after its content
    (paths, sizes, side), so a changed data set never meets an old cache, and it is complete or absent.
    """
    stem = folder / f"pixels-{content_key(root, photos, str(longer_side))}"
    data, index = stem.with_suffix(".bin"), stem.with_suffix(".json")
    if not index.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        # Each process that makes the cache writes its own files: several trainings may start at once.
        own_data, own_index = (path.with_name(f"{path.name}.{os.getpid()}.part") for path in (data, index))
        own_index.write_text(json.dumps(_write_pixels(own_data, root, photos, longer_side, workers)), "utf-8")
        own_data.replace(data)
        own_index.replace(index)
    stored = json.loads(index.read_text("utf-8"))
    flat = np.memmap(data, dtype=np.uint8, mode="r") if stored else np.empty(0, dtype=np.uint8)
    return PixelCache(flat, {path: tuple(place) for path, place in stored.items()})
