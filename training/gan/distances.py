"""Figures of made pictures' features beside real ones'. Pure functions of (N, F) float tensors."""

import torch
from torch import Tensor


def kernel_distance(real: Tensor, made: Tensor) -> float:
    """KID: the squared maximum mean discrepancy under a cubic kernel, unbiased (Bińkowski et al. 2018); 0 is equal."""
    size = real.shape[1]

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a.double() @ b.double().T / size + 1) ** 3

    def within(a: Tensor) -> Tensor:
        values = kernel(a, a)
        return (values.sum() - values.diagonal().sum()) / (len(a) * (len(a) - 1))

    return float(within(real) + within(made) - 2 * kernel(real, made).mean())


def diversity(features: Tensor, labels: Tensor) -> dict[int, float]:
    """Label -> mean cosine distance between two of its pictures, in [0, 2]; 0 where one picture is all there is."""
    unit = torch.nn.functional.normalize(features, dim=1)
    found = {}
    for label in sorted(set(labels.tolist())):
        own = unit[labels == label]
        if len(own) < 2:
            continue
        likeness = own @ own.T
        pairs = len(own) * (len(own) - 1)
        found[int(label)] = float(1 - (likeness.sum() - likeness.diagonal().sum()) / pairs)
    return found
