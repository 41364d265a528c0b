"""What a network should say of a picture, as probabilities: the label, and a little of others."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def target_table(
    labels: Sequence[str], near: Sequence[tuple[str, str]], columns: int, smoothing: float, to_near: float
) -> Tensor:
    """The target of each label.

    Args:
        labels: of the task, in the order of the network's columns.
        near: pairs of labels of which one is nearly right for the other; both ways.
        columns: of the network; those beyond the labels get their part of the smoothing alone.
        smoothing: share spread over all columns (Szegedy et al. 2016), in [0, 1).
        to_near: share spread over the label's near ones, in [0, 1); kept by the label where it has none.

    Returns:
        (len(labels), columns) float32, each row with sum 1.

    """
    place = {label: column for column, label in enumerate(labels)}
    table = np.zeros((len(labels), columns))
    neighbours: dict[str, list[str]] = {label: [] for label in labels}
    for one, other in near:
        neighbours[one].append(other)
        neighbours[other].append(one)
    for label, row in place.items():
        given = to_near if neighbours[label] else 0.0
        table[row, row] = 1 - given
        for each in neighbours[label]:
            table[row, place[each]] += given / len(neighbours[label])
    smoothed = (1 - smoothing) * table + smoothing / columns
    return torch.from_numpy(smoothed.astype(np.float32))
