"""Suspected mislabels: photos whose label a model that never saw them finds unlikely (confident learning).

Northcutt, Jiang & Chuang 2021. The model is a logistic regression on frozen features, fitted on other folds;
near-duplicates share a fold, or a photo would be judged by its own copy.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from training.check.suspects import Mislabels, Suspect
from training.photo import Photo

FOLDS: Final = 5

_STRENGTH: Final = 0.003
"""sklearn's C on standardised features: 1280 of them for some thousand photos ask for a strong prior."""


def out_of_fold_probabilities(
    features: NDArray[np.float32], columns: NDArray[np.int64], groups: NDArray[np.int64], seed: int
) -> NDArray[np.float64]:
    """The probability of each label for each photo, from a model that saw none of the photo's group.

    Args:
        features: (N, F).
        columns: (N,) labels as 0..K-1, each in at least ``FOLDS`` groups.
        groups: (N,) near-duplicate groups.
        seed: of the folds.

    Returns:
        (N, K), rows sum to 1.

    """
    probabilities = np.zeros((len(columns), int(columns.max()) + 1))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for learn, judge in folds.split(features, columns, groups):
        mean, deviation = features[learn].mean(axis=0), features[learn].std(axis=0) + 1e-6
        model = LogisticRegression(C=_STRENGTH, max_iter=500)
        model.fit((features[learn] - mean) / deviation, columns[learn])
        # A fold may lack a label altogether: its column stays 0.
        probabilities[np.ix_(judge, model.classes_)] = model.predict_proba((features[judge] - mean) / deviation)
    return probabilities


def _judgeable(photos: Sequence[Photo], groups: NDArray[np.int64]) -> tuple[list[int], dict[str, int]]:
    """Places of the photos that can be judged, and the labels that are too rare, with their photos."""
    places = [place for place, photo in enumerate(photos) if len(photo.labels) == 1]
    groups_of: dict[str, set[int]] = {}
    for place in places:
        groups_of.setdefault(photos[place].labels[0], set()).add(int(groups[place]))
    rare = {label for label, found in groups_of.items() if len(found) < FOLDS}
    left_out = {label: sum(photo.labels == (label,) for photo in photos) for label in sorted(rare)}
    return [place for place in places if photos[place].labels[0] not in rare], left_out


def find_mislabels(
    photos: Sequence[Photo], features: NDArray[np.float32], groups: NDArray[np.int64], seed: int
) -> Mislabels:
    """Judge every photo with one label by its peers.

    Args:
        photos: N of them.
        features: (N, F), frozen, of the photos.
        groups: (N,) near-duplicate groups.
        seed: of the folds.

    """
    places, left_out = _judgeable(photos, groups)
    unsure = sum(len(photo.labels) > 1 for photo in photos)
    names = sorted({photos[place].labels[0] for place in places})
    if len(names) < 2:
        return Mislabels((), 0, float("nan"), left_out, unsure)
    columns = np.array([names.index(photos[place].labels[0]) for place in places], dtype=np.int64)
    p = out_of_fold_probabilities(features[places], columns, groups[places], seed)
    ranked = find_label_issues(columns, p, return_indices_ranked_by="self_confidence", n_jobs=1)
    best = p.argmax(axis=1)
    suspects = tuple(
        Suspect(photos[places[i]], names[columns[i]], names[best[i]], float(p[i, columns[i]])) for i in ranked
    )
    return Mislabels(suspects, len(places), float((best == columns).mean()), left_out, unsure)
