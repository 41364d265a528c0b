"""The photos of a split as features and labels, for what is measured on frozen features."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.labels import LABELS
from training.active_learning import Pool
from training.data_recipe import DataError
from training.photo import Photo
from training.split import Part, read_split

Features = Callable[[Sequence[Photo]], NDArray[np.float32]]
"""(N, F) features of N photos."""


def pools_of_split(split_file: Path, features_of: Features) -> tuple[Pool, Pool]:
    """The training part to choose from, the test part to measure on; photos of one sure label.

    Raises:
        DataError: a part is empty, or the package of the network's weights is missing.

    """
    rows = read_split(split_file)
    train, test = ([row.photo for row in rows if row.part is part] for part in (Part.TRAIN, Part.TEST))
    return _pool(train, features_of), _pool(test, features_of)


def _pool(photos: list[Photo], features_of: Features) -> Pool:
    sure = [photo for photo in photos if photo.is_waste and len(photo.labels) == 1]
    if not sure:
        raise DataError("there are no photos of one sure label in a part of the split")
    features = features_of(sure)
    # Of unit length: photos are told apart by direction, and one penalty suits every size of the pool.
    scaled = features / np.linalg.norm(features, axis=1, keepdims=True) * np.sqrt(features.shape[1])
    return Pool(scaled.astype(np.float32), np.array([LABELS.index(photo.labels[0]) for photo in sure]))
