"""Errors by kind: right, nearly right (a pair that the recipe names), wrong; by group of labels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.comparison.recipe import Near


@dataclass(frozen=True, slots=True)
class GroupErrors:
    """Pictures of one group, all seeds together.

    Attributes:
        group: its name.
        pictures: how many there are.
        right: called by their label.
        near: called by a near one.

    """

    group: str
    pictures: int
    right: int
    near: int

    @property
    def far(self) -> int:
        """Called by any other."""
        return self.pictures - self.right - self.near


def group_of(label: str, near: Near) -> str:
    """The group of a label: what the pattern's first group finds in it, or the label itself."""
    match = re.search(near.group, label)
    return match.group(1) if match else label


def errors_by_group(counts: NDArray[np.int64], labels: Sequence[str], near: Near) -> list[GroupErrors]:
    """Count the errors of a confusion matrix.

    Args:
        counts: (K, K + 1) from ``summary.confusion``.
        labels: of its rows.
        near: the recipe's section.

    Returns:
        The groups in the order of their names, and behind them their sum, "all".

    """
    pairs = {frozenset(pair) for pair in near.pairs}
    kinds: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        own = kinds.setdefault(group_of(label, near), [0, 0, 0])
        own[0] += int(counts[row].sum())
        own[1] += int(counts[row, row])
        own[2] += sum(
            int(counts[row, column]) for column, other in enumerate(labels) if frozenset((label, other)) in pairs
        )
    groups = [GroupErrors(name, *kinds[name]) for name in sorted(kinds)]
    sums = (sum(getattr(each, key) for each in groups) for key in ("pictures", "right", "near"))
    return [*groups, GroupErrors("all", *sums)]
