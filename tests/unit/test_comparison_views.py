"""Random views and soft targets."""

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tiny_photos import scene
from training.comparison.targets import target_table
from training.comparison.views import Augmentation, as_floats, mixed, random_views


def batch(count: int, side: int = 16) -> Tensor:
    return torch.from_numpy(np.stack([scene(number, side, side) for number in range(count)]))


def views_of(how: Augmentation, seed: int = 0, count: int = 40) -> tuple[Tensor, Tensor]:
    pixels = batch(count)
    return as_floats(pixels), random_views(pixels, how, np.random.default_rng(seed))


def test_no_augmentation_changes_nothing() -> None:
    before, after = views_of(Augmentation())
    assert torch.allclose(before, after, atol=0.05)


def test_mirrored_and_turned_views_are_the_picture_exactly_in_each_of_its_eight_positions() -> None:
    before, after = views_of(Augmentation(mirror=True, quarter_turns=True), count=200)
    met = set()
    for picture, view in zip(before, after, strict=True):
        positions = [torch.rot90(flipped, turn, (1, 2)) for flipped in (picture, picture.flip(2)) for turn in range(4)]
        [place] = [number for number, each in enumerate(positions) if torch.allclose(each, view, atol=0.5)]
        met.add(place)
    assert met == set(range(8))


def test_the_same_generator_gives_the_same_views() -> None:
    how = Augmentation(mirror=True, rotation=20, smallest_area=0.5, shift=0.1, brightness=0.3, contrast=0.3, erase=0.5)
    one, same, other = (views_of(how, seed)[1] for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.min() >= 0
    assert one.max() <= 255


def test_a_crop_shows_a_part_of_its_picture() -> None:
    ramp = torch.arange(16, dtype=torch.uint8).mul(16).expand(16, 16)[None, :, :, None].repeat(60, 1, 1, 3)
    views = random_views(ramp.contiguous(), Augmentation(smallest_area=0.25), np.random.default_rng(0))
    widths = views.amax(dim=(1, 2, 3)) - views.amin(dim=(1, 2, 3))
    assert widths.min() >= 0.4 * 240
    assert widths.max() <= 240
    assert widths.std() > 5


def test_erasing_happens_as_often_as_asked() -> None:
    before, after = views_of(Augmentation(erase=0.5), count=200)
    share = (after - before).abs().amax(dim=(1, 2, 3)).gt(20).double().mean()
    assert 0.3 < float(share) < 0.6


def test_mixed_pictures_have_mixed_targets() -> None:
    views = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 3, 2, 2)
    targets = torch.eye(6)
    blended, soft = mixed(views, targets, 0.5, np.random.default_rng(3))
    assert torch.allclose(blended[:, 0, 0, 0], soft @ torch.arange(6.0), atol=1e-6)
    assert not torch.equal(soft, targets)
    assert torch.equal(mixed(views, targets, 0.0, np.random.default_rng(3))[1], targets)


def test_targets_give_a_share_to_near_labels_and_to_all_columns() -> None:
    table = target_table(("a", "b", "c", "d"), [("a", "b"), ("b", "c")], 4, smoothing=0.0, to_near=0.2)
    expected = [[0.8, 0.2, 0, 0], [0.1, 0.8, 0.1, 0], [0, 0.2, 0.8, 0], [0, 0, 0, 1]]
    assert torch.allclose(table, torch.tensor(expected))
    smooth = target_table(("a", "b"), [], 10, smoothing=0.1, to_near=0.2)
    assert smooth.shape == (2, 10)
    assert torch.allclose(smooth.sum(dim=1), torch.ones(2))
    assert smooth[0, 0].item() == pytest.approx(0.91)
    assert smooth[0, 9].item() == pytest.approx(0.01)
