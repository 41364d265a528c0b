"""Heads from a logistic regression on the features of a network that is not trained yet (a linear probe)."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from inference.architectures import WasteClassifier
from inference.preprocess import Fit, fit_square
from training.batches import label_mask
from training.data_recipe import DataError
from training.half_precision import half_where_fast
from training.photo import Photo
from training.pixel_cache import TrimmedPixels


@torch.inference_mode()
def features_of(
    network: WasteClassifier,
    photos: Sequence[Photo],
    pixels: TrimmedPixels,
    side: int,
    fit: Fit,
    device: str,
    batch: int = 32,
) -> NDArray[np.float32]:
    """Pooled features, (N, F) float32, of the photos as serving would see them."""
    network.eval()
    rows = []
    for start in range(0, len(photos), batch):
        views = [fit_square(pixels[photo.path], side, fit) for photo in photos[start : start + batch]]
        with half_where_fast(device):
            features = network.features(torch.from_numpy(np.stack(views)).to(device))
        rows.append(features.float().cpu().numpy())
    return np.concatenate(rows)


def fit_heads(
    network: WasteClassifier, photos: Sequence[Photo], features: NDArray[np.float32], strength: float = 0.02
) -> None:
    """Set both heads by logistic regression, in place.

    Photos with several possible labels take no part in the label head. Labels that no photo has keep their
    random weights; where all photos show waste, or none does, so does the waste head.

    Args:
        network: whose heads are set.
        photos: what the features are of.
        features: (N, F) float32.
        strength: sklearn's C, on standardised features.

    Raises:
        DataError: fewer than two labels have photos.

    """
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    scaled = (features - mean) / deviation
    masks = np.stack([label_mask(photo) for photo in photos])
    possible = masks.sum(axis=1)
    waste, sure = possible > 0, possible == 1
    columns = masks[sure].argmax(axis=1)
    if len(np.unique(columns)) < 2:
        raise DataError("a probe needs photos of at least two labels")

    def fit(head: torch.nn.Linear, inputs: NDArray[np.float32], targets: NDArray[np.generic], c: float) -> None:
        model = LogisticRegression(C=c, max_iter=300, class_weight="balanced").fit(inputs, targets)
        weight = model.coef_ / deviation
        bias = model.intercept_ - weight @ mean
        rows = list(model.classes_) if head.out_features > 1 else [0]
        if len(rows) > len(weight):  # of two labels sklearn gives the logit of the second against the first
            weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
        with torch.no_grad():
            head.weight[rows] = torch.from_numpy(weight).to(head.weight)
            head.bias[rows] = torch.from_numpy(bias).to(head.bias)

    fit(network.label_head, scaled[sure], columns, strength)
    if 0 < waste.sum() < len(waste):
        fit(network.waste_head, scaled, waste, strength / 10)
