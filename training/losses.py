"""The losses of the classifier. All take logits in float32 and give a scalar."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's own name)


def label_set_loss(label_logits: Tensor, masks: Tensor, smoothing: float) -> Tensor:
    """Cross-entropy where a photo may be known only to be one of several labels.

    -log of the probability that the set as a whole gets; with one label it is the ordinary cross-entropy.

    Args:
        label_logits: (B, 12).
        masks: (B, 12) bool; rows without a True (non-waste) do not count.
        smoothing: share of the target spread evenly over all labels (Szegedy 2016).

    """
    counted = masks.any(dim=1)
    if not counted.any():
        return label_logits.sum() * 0.0
    log_p = label_logits[counted].log_softmax(dim=1)
    of_set = log_p.masked_fill(~masks[counted], -torch.inf).logsumexp(dim=1)
    return -((1 - smoothing) * of_set + smoothing * log_p.mean(dim=1)).mean()


def waste_loss(waste_logits: Tensor, masks: Tensor) -> Tensor:
    """Is it waste at all: binary cross-entropy, both sides weighing the same whatever their number."""
    is_waste = masks.any(dim=1)
    per_photo = F.binary_cross_entropy_with_logits(waste_logits, is_waste.float(), reduction="none")
    sides = [per_photo[side].mean() for side in (is_waste, ~is_waste) if side.any()]
    return torch.stack(sides).mean()


def distillation_loss(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """KL divergence between the softened answers, scaled by T^2 (Hinton, Vinyals & Dean 2015)."""
    student = (student_logits / temperature).log_softmax(dim=1)
    teacher = (teacher_logits / temperature).log_softmax(dim=1)
    return F.kl_div(student, teacher, reduction="batchmean", log_target=True) * temperature**2
