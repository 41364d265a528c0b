"""Step ``balance``: class counts of the training part, brought towards a target."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from training.comparison.section import Section


class Balance(Section):
    """``target`` pictures a class; a rare class shows each of its pictures at most ``most_times``.

    It is carried out after the split, on the training part alone: a test must not count a photo twice.
    """

    step: Literal["balance"]
    target: int = Field(gt=0)
    most_times: int = Field(default=3, ge=1)


@dataclass(frozen=True, slots=True)
class Balanced:
    """What was chosen.

    Attributes:
        chosen: (M,) places in the labels, rising; a place may occur several times.
        before, after: pictures by label.

    """

    chosen: NDArray[np.int64]
    before: dict[str, int]
    after: dict[str, int]


def balance(labels: Sequence[str], target: int, most_times: int, seed: int) -> Balanced:
    """Draw from classes above the target, repeat pictures of classes below it.

    Args:
        labels: of the training part.
        target: pictures a class.
        most_times: how often a picture may be shown in an epoch.
        seed: the same seed and labels choose the same pictures.

    """
    rng = np.random.default_rng(seed)
    every = np.array(labels)
    chosen: list[NDArray[np.int64]] = []
    before, after = {}, {}
    for label in sorted(set(labels)):
        own = np.flatnonzero(every == label)
        wanted = min(target, most_times * len(own))
        whole, rest = divmod(wanted, len(own))
        places = np.concatenate([*([own] * whole), rng.choice(own, rest, replace=False)])
        chosen.append(places)
        before[label], after[label] = len(own), len(places)
    return Balanced(np.sort(np.concatenate(chosen)), before, after)
