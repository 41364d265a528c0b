"""Frozen ImageNet features of a data set's photos, kept in a file: the data tools need them often."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from inference.preprocess import Fit
from training.initial_weights import starting_network
from training.photo import Photo
from training.pixel_cache import PhotoFiles, content_key
from training.probe import features_of

SIDES: Final = {"efficientnet_lite0": 224, "efficientnet_lite1": 240, "efficientnet_lite2": 240}
"""The networks with weights in a package, and the side we show them photos at."""

_STRIDE: Final = 256


def frozen_features(
    folder: Path,
    root: Path,
    photos: Sequence[Photo],
    architecture: str,
    advance: Callable[[int], None] = lambda photos: None,
) -> NDArray[np.float32]:
    """Pooled features of an EfficientNet-Lite with its ImageNet weights, from the cache where it has them.

    Args:
        folder: of the cache; a file in it is named after the photos' paths and sizes.
        root: what the photos' paths are relative to.
        photos: readable ones.
        architecture: one of ``SIDES``.
        advance: called with the number of photos done since the last call.

    Returns:
        (N, 1280) float32, with the precision of float16.

    Raises:
        DataError: the package with the weights is missing.
        DecodeError, OSError: a photo cannot be read.

    """
    file = folder / f"features-{content_key(root, photos, architecture)}.npy"
    if file.is_file():
        advance(len(photos))
        return np.asarray(np.load(file, allow_pickle=False), dtype=np.float32)
    network, side = starting_network(architecture, "package"), SIDES[architecture]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    files = PhotoFiles(root, needed_side=side)
    rows = []
    for start in range(0, len(photos), _STRIDE):
        some = photos[start : start + _STRIDE]
        rows.append(features_of(network.to(device), some, files, side, Fit.PAD, device).astype(np.float16))
        advance(len(some))
    features = np.concatenate(rows)
    folder.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    with partial.open("wb") as stream:
        np.save(stream, features)
    partial.replace(file)
    return features.astype(np.float32)
