"""How good a network is while it trains: its answers on the validation photos, and the curves' figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from inference.architectures import WasteClassifier
from inference.preprocess import fit_square
from training.batches import label_mask
from training.classifier_recipe import ClassifierRecipe
from training.half_precision import half_where_fast
from training.metrics import auroc
from training.photo import Photo
from training.pixel_cache import TrimmedPixels

_BATCH = 32


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """A network's logits over photos: (N, 12) and (N,), float32."""

    label_logits: NDArray[np.float32]
    waste_logits: NDArray[np.float32]


@torch.inference_mode()
def answers_of(
    network: WasteClassifier,
    photos: Sequence[Photo],
    pixels: TrimmedPixels,
    recipe: ClassifierRecipe,
    device: str,
) -> Answers:
    """Run the network over photos as serving would show them."""
    network.eval()
    labels, wastes = [], []
    for start in range(0, len(photos), _BATCH):
        some = photos[start : start + _BATCH]
        views = [fit_square(pixels[photo.path], recipe.side, recipe.fit) for photo in some]
        with half_where_fast(device):
            label, waste = network(torch.from_numpy(np.stack(views)).to(device))
        labels.append(label.float().cpu().numpy())
        wastes.append(waste.float().cpu().numpy())
    return Answers(np.concatenate(labels), np.concatenate(wastes))


def validation_figures(answers: Answers, photos: Sequence[Photo]) -> dict[str, float]:
    """Top-1 and NLL over waste photos (right when in the photo's set), AUROC of waste against the rest.

    The AUROC is NaN where all photos show waste, or none does.
    """
    masks = np.stack([label_mask(photo) for photo in photos])
    waste = masks.any(axis=1)
    logits = answers.label_logits[waste].astype(np.float64)
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = masks[waste][np.arange(int(waste.sum())), logits.argmax(axis=1)]
    of_set = np.where(masks[waste], log_p, -np.inf)
    scores = answers.waste_logits.astype(np.float64)
    return {
        "val_top1": float(right.mean()),
        "val_nll": float(-np.logaddexp.reduce(of_set, axis=1).mean()),
        "val_waste_auroc": auroc(scores[waste], scores[~waste]),
    }
