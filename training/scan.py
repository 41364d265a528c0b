"""Reading every photo of a data set once: its size, its plain bars, and the hashes that find its copies."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.errors import DecodeError
from inference.preprocess import Bars, find_bars
from training.near_duplicates import mirrored_hash, perceptual_hash
from training.parallel import in_processes
from training.photo import Photo, read_pixels
from training.picture_quality import Quality, quality

NOT_READ: Final = "not_read"
"""The problem of a file that the disk did not give us, beside those of ``DecodeProblem``."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one look at a photo tells.

    Attributes:
        photo: which.
        width: in pixels, upright.
        height: likewise.
        digest: sha256 of the decoded pixels and their shape, hexadecimal: equal for exact copies only,
            whatever the files' formats and metadata.
        hash: 64-bit perceptual hash, without bars.
        mirrored: of its mirror image.
        bars: plain lines at its sides.
        quality: whether it shows enough.

    """

    photo: Photo
    width: int
    height: int
    digest: str
    hash: int
    mirrored: int
    bars: Bars
    quality: Quality


@dataclass(frozen=True, slots=True)
class UnreadablePhoto:
    """A file that is no acceptable photo.

    Attributes:
        photo: which.
        problem: a ``DecodeProblem`` or ``NOT_READ``.
        detail: short technical text, may be empty.

    """

    photo: Photo
    problem: str
    detail: str


def scan_photo(root: Path, photo: Photo) -> Scanned | UnreadablePhoto:
    """Read, decode and measure one photo."""
    try:
        pixels = read_pixels(root, photo)
    except DecodeError as error:
        return UnreadablePhoto(photo, error.problem.value, error.detail)
    except OSError as error:
        return UnreadablePhoto(photo, NOT_READ, error.strerror or type(error).__name__)
    return _measured(photo, pixels)


def _measured(photo: Photo, pixels: NDArray[np.uint8]) -> Scanned:
    height, width = pixels.shape[:2]
    digest = hashlib.sha256(f"{height}x{width}:".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return Scanned(
        photo,
        width,
        height,
        digest.hexdigest(),
        int(perceptual_hash(pixels)),
        int(mirrored_hash(pixels)),
        find_bars(pixels),
        quality(pixels),
    )


def scan(root: Path, photos: Sequence[Photo], processes: int) -> Iterator[Scanned | UnreadablePhoto]:
    """Scan the photos in their order, in this process or in several.

    Args:
        root: what their paths are relative to.
        photos: which.
        processes: how many at once; 1 keeps the work here.

    """
    return in_processes(partial(scan_photo, root), photos, processes)


def hash_columns(scanned: Sequence[Scanned]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The perceptual hashes and the mirrored ones, (N,) uint64 each."""
    plain = np.array([one.hash for one in scanned], dtype=np.uint64)
    mirrored = np.array([one.mirrored for one in scanned], dtype=np.uint64)
    return plain, mirrored
