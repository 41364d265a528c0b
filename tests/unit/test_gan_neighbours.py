"""Copies are found, and what lies among real pictures is told from what does not."""

import pytest
import torch

from training.gan.neighbours import manifold, memory


def test_the_same_distribution_is_covered_and_a_far_one_is_not() -> None:
    torch.manual_seed(0)
    real, like, far = torch.randn(300, 8), torch.randn(300, 8), torch.randn(300, 8) + 20
    near = manifold(real, like)
    assert near.precision > 0.8
    assert near.recall > 0.8
    assert near.density == pytest.approx(1, abs=0.25)
    assert near.coverage > 0.8
    away = manifold(real, far)
    assert (away.precision, away.recall, away.density, away.coverage) == (0, 0, 0, 0)


def test_one_good_picture_over_and_over_is_precise_and_covers_nothing() -> None:
    torch.manual_seed(0)
    real = torch.randn(300, 8)
    found = manifold(real, real[:1] + 0.01 * torch.randn(300, 8))
    assert found.precision > 0.9
    assert found.coverage < 0.2


def test_copies_are_counted_in_a_mirror_as_well() -> None:
    torch.manual_seed(0)
    train, held_out, made = torch.randn(400, 8), torch.randn(200, 8), torch.randn(100, 8)
    mirrored = torch.randn(100, 8)
    made[0], mirrored[1] = train[7], train[9]
    found = memory(train, held_out, made, mirrored)
    assert found.copies == 2
    assert found.nearest[:2].tolist() == [7, 9]
    assert found.authentic < 1
    assert memory(train, held_out, torch.randn(100, 8) + 5, mirrored + 5).copies == 0
