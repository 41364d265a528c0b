import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from training.losses import distillation_loss, label_set_loss, waste_loss


def _mask(*columns: int) -> list[bool]:
    return [column in columns for column in range(12)]


@given(st.integers(0, 1_000), st.floats(0, 0.5))
def test_the_loss_of_one_label_is_the_ordinary_cross_entropy(seed: int, smoothing: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(5, 12, generator=generator)
    targets = torch.randint(12, (5,), generator=generator)
    masks = functional.one_hot(targets, 12).bool()
    expected = functional.cross_entropy(logits, targets, label_smoothing=smoothing)
    torch.testing.assert_close(label_set_loss(logits, masks, smoothing), expected)


def test_a_set_of_labels_is_charged_for_the_probability_outside_it() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.2, 0.1] + [0.2 / 9] * 9]))
    masks = torch.tensor([_mask(0, 2)])
    assert label_set_loss(logits, masks, 0.0).item() == pytest.approx(-math.log(0.6), abs=1e-6)


def test_smoothing_mixes_in_the_mean_over_all_labels() -> None:
    logits = torch.log(torch.tensor([[0.45] + [0.05] * 11]))
    masks = torch.tensor([_mask(0)])
    expected = -(0.9 * math.log(0.45) + 0.1 * (math.log(0.45) + 11 * math.log(0.05)) / 12)
    assert label_set_loss(logits, masks, 0.1).item() == pytest.approx(expected, abs=1e-6)


def test_photos_of_no_waste_do_not_count_towards_the_labels() -> None:
    logits = torch.randn(3, 12, generator=torch.Generator().manual_seed(0), requires_grad=True)
    masks = torch.tensor([_mask(1), _mask(), _mask(4)])
    loss = label_set_loss(logits, masks, 0.05)
    torch.testing.assert_close(loss, label_set_loss(logits[[0, 2]], masks[[0, 2]], 0.05))
    torch.autograd.backward(loss)
    assert logits.grad is not None
    assert (logits.grad[1] == 0).all()
    assert torch.isfinite(logits.grad).all()


def test_a_batch_without_waste_gives_no_label_loss_and_no_gradient() -> None:
    logits = torch.randn(2, 12, requires_grad=True)
    loss = label_set_loss(logits, torch.zeros(2, 12, dtype=torch.bool), 0.05)
    torch.autograd.backward(loss)
    assert loss.item() == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()


def test_both_sides_of_the_waste_question_weigh_the_same() -> None:
    logits = torch.tensor([2.0, 2.0, 2.0, -1.0])
    masks = torch.tensor([_mask(0), _mask(1), _mask(2, 3), _mask()])
    waste, other = math.log1p(math.exp(-2.0)), math.log1p(math.exp(-1.0))
    assert waste_loss(logits, masks).item() == pytest.approx((waste + other) / 2, abs=1e-6)


def test_the_waste_loss_of_one_side_only_is_that_side() -> None:
    assert waste_loss(torch.tensor([0.0, 0.0]), torch.tensor([_mask(0), _mask(1)])).item() == pytest.approx(
        math.log(2), abs=1e-6
    )


def test_distillation_is_the_scaled_kl_divergence() -> None:
    student, teacher, t = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]]), 2.0
    q = [1 / (1 + math.exp(-0.5)), 1 / (1 + math.exp(0.5))]
    p = [1 / (1 + math.exp(1.0)), 1 / (1 + math.exp(-1.0))]
    expected = t**2 * sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
    assert distillation_loss(student, teacher, t).item() == pytest.approx(expected, abs=1e-6)


def test_a_student_who_answers_like_the_teacher_has_nothing_to_learn() -> None:
    logits = torch.randn(4, 12, generator=torch.Generator().manual_seed(1))
    # Only differences between logits matter.
    assert distillation_loss(logits + 5, logits, 3.0).item() == pytest.approx(0, abs=1e-6)
