"""Near-duplicate photos: perceptual hashes, pairs within a Hamming distance, and the groups they form."""

from collections.abc import Iterator

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from inference.preprocess import trim_bars

DEFAULT_DISTANCE = 6
"""Bits of 64 that may differ. In the waste photos pairs at 4 are copies; 6 also catches re-crops."""

DEFAULT_COSINE = 0.88
"""EfficientNet-Lite2 features of the waste photos: above it a pair is nearly always one object seen twice
(TrashNet turns each bottle before the camera); below 0.86 it is mostly two things of one kind."""


def perceptual_hash(pixels: NDArray[np.uint8]) -> np.uint64:
    """64-bit DCT hash of a picture without its plain bars (pHash, Zauner 2010).

    Args:
        pixels: (H, W, 3) uint8, RGB.

    """
    image = Image.fromarray(np.ascontiguousarray(trim_bars(pixels)))
    bits = imagehash.phash(image).hash.ravel()
    return np.uint64(int("".join("1" if bit else "0" for bit in bits), 2))


def mirrored_hash(pixels: NDArray[np.uint8]) -> np.uint64:
    """The perceptual hash of the picture's mirror image: shops and data sets flip photos."""
    return perceptual_hash(pixels[:, ::-1])


def close_pairs(
    hashes: NDArray[np.uint64], others: NDArray[np.uint64], distance: int, chunk: int = 512
) -> Iterator[tuple[int, int, int]]:
    """All ``(i, j, bits)`` with Hamming distance ``bits <= distance`` between hashes[i] and others[j].

    Runs in O(n m / chunk) vectorised steps and O(chunk m) memory.
    """
    for start in range(0, len(hashes), chunk):
        bits = np.bitwise_count(hashes[start : start + chunk, None] ^ others[None, :])
        for i, j in zip(*np.nonzero(bits <= distance), strict=True):
            yield start + int(i), int(j), int(bits[i, j])


def alike_pairs(features: NDArray[np.float32], cosine: float, chunk: int = 1024) -> Iterator[tuple[int, int]]:
    """All ``(i, j)``, i < j, whose feature vectors have at least this cosine: views of one object, re-shot.

    Args:
        features: (N, F) float32 of an ImageNet network; they need not be normalised.
        cosine: the least cosine, in [-1, 1].
        chunk: rows compared at a time; O(chunk N) memory.

    """
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    for start in range(0, len(unit), chunk):
        for i, j in zip(*np.nonzero(unit[start : start + chunk] @ unit.T >= cosine), strict=True):
            if start + i < j:
                yield start + int(i), int(j)


def duplicate_groups(
    hashes: NDArray[np.uint64],
    mirrored: NDArray[np.uint64],
    distance: int = DEFAULT_DISTANCE,
    features: NDArray[np.float32] | None = None,
    cosine: float = DEFAULT_COSINE,
) -> NDArray[np.int64]:
    """Group numbers, (N,) int64: photos linked by near-duplicate pairs, directly or in a chain, share one.

    Args:
        hashes: (N,) uint64 from ``perceptual_hash``.
        mirrored: (N,) uint64 from ``mirrored_hash`` of the same photos.
        distance: bits that may differ between near-duplicates.
        features: (N, F) of the same photos; links several views of one object too, which no hash finds.
        cosine: how alike features of one object are at least.

    """
    pairs = [(i, j) for i, j, _ in close_pairs(hashes, hashes, distance) if i < j]
    pairs += [(i, j) for i, j, _ in close_pairs(hashes, mirrored, distance) if i != j]
    if features is not None:
        pairs += list(alike_pairs(features, cosine))
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(hashes), len(hashes)))
    _, groups = connected_components(graph, directed=False)
    return np.asarray(groups, dtype=np.int64)
