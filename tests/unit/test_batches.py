from pathlib import Path

import numpy as np
import pytest
import torch

from inference.labels import LABELS
from tests.tiny_photos import coloured_photos
from training.batches import TrainingBatches, label_mask, sampling_weights
from training.classifier_recipe import ClassifierRecipe
from training.photo import NONWASTE, Photo
from training.pixel_cache import open_pixel_cache


def _recipe(**changes: object) -> ClassifierRecipe:
    base: dict[str, object] = {
        "name": "tiny",
        "architecture": "resnet18",
        "side": 32,
        "batch": 8,
        "optimiser": {"lr": 0.01},
        "schedule": {"epochs": 1},
    }
    return ClassifierRecipe.model_validate(base | changes)


def _photos(**counts: int) -> list[Photo]:
    return [Photo(f"{label}/{n}", (label,), "s") for label, count in counts.items() for n in range(count)]


def test_the_mask_holds_all_labels_that_a_photo_may_have() -> None:
    several = Photo("a", ("brown-glass", "white-glass"), "s")
    assert [str(LABELS[i]) for i in np.flatnonzero(label_mask(several))] == ["brown-glass", "white-glass"]
    assert not label_mask(Photo("a", (NONWASTE,), "s")).any()


@pytest.mark.parametrize(("balance", "ratio"), [(0.0, 9.0), (0.5, 3.0), (1.0, 1.0)])
def test_balance_draws_rare_labels_oftener(balance: float, ratio: float) -> None:
    weights = sampling_weights(_photos(metal=90, paper=10), _recipe(balance=balance, nonwaste_share=0))
    assert weights.sum() == pytest.approx(1)
    assert weights[:90].sum() / weights[90:].sum() == pytest.approx(ratio)


def test_photos_of_no_waste_get_their_share_however_few_they_are() -> None:
    weights = sampling_weights(_photos(metal=90, nonwaste=3), _recipe(nonwaste_share=0.1))
    assert weights[90:].sum() == pytest.approx(0.1)


def test_doubtful_sources_are_drawn_seldomer() -> None:
    photos = [Photo("a", ("metal",), "sure"), Photo("b", ("metal",), "doubtful")]
    weights = sampling_weights(photos, _recipe(source_weights={"doubtful": 0.25}))
    assert weights[1] / weights[0] == pytest.approx(0.25)


def test_a_stream_goes_on_where_it_stopped(tmp_path: Path) -> None:
    photos = coloured_photos(tmp_path, per_label=3)
    cache = open_pixel_cache(tmp_path / "cache", tmp_path, photos, 288, workers=1)
    batches = TrainingBatches(photos, cache, _recipe(), workers=0)
    whole = list(batches.steps(0, 4))
    rest = list(batches.steps(2, 4))
    assert len(whole) == 4
    for (pixels, masks), (same_pixels, same_masks) in zip(whole[2:], rest, strict=True):
        assert torch.equal(pixels, same_pixels)
        assert torch.equal(masks, same_masks)
    assert not torch.equal(whole[0][0], whole[1][0])
    pixels, masks = whole[0]
    assert (pixels.shape, pixels.dtype) == ((8, 32, 32, 3), torch.uint8)
    assert (masks.shape, masks.dtype) == ((8, 12), torch.bool)


def test_loader_processes_change_nothing(tmp_path: Path) -> None:
    photos = coloured_photos(tmp_path, per_label=2)
    cache = open_pixel_cache(tmp_path / "cache", tmp_path, photos, 288, workers=1)
    here = list(TrainingBatches(photos, cache, _recipe(), workers=0).steps(0, 2))
    there = list(TrainingBatches(photos, cache, _recipe(), workers=1).steps(0, 2))
    for (pixels, masks), (same_pixels, same_masks) in zip(here, there, strict=True):
        assert torch.equal(pixels, same_pixels)
        assert torch.equal(masks, same_masks)
