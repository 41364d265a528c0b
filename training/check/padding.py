"""Padding: plain bars at the sides of photos, and whether their direction gives the label away."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from training.scan import Scanned

_THIN: Final = 0.02
"""Bars that together take less of the side than this are specks, not padding."""


class Direction(StrEnum):
    """Where a photo has bars."""

    NONE = "none"
    ABOVE_BELOW = "above_below"
    LEFT_RIGHT = "left_right"
    ALL_ROUND = "all_round"


@dataclass(frozen=True, slots=True)
class LabelPadding:
    """The photos of one label by the direction of their bars.

    Attributes:
        label: which; several possible ones joined by "|".
        photos: how many.
        shares: of them, per direction; they sum to 1.

    """

    label: str
    photos: int
    shares: dict[Direction, float]


@dataclass(frozen=True, slots=True)
class Padding:
    """The padding of a data set.

    Attributes:
        labels: by name.
        guess: share of photos whose label is named right by the commonest label of their direction ...
        blind_guess: ... and by the commonest label of all: where ``guess`` is well above it, a network can
            learn the padding instead of the thing.

    """

    labels: tuple[LabelPadding, ...]
    guess: float
    blind_guess: float


def direction_of(one: Scanned) -> Direction:
    """Where the photo has bars that are worth the name."""
    bars = one.bars
    vertical = bars.top + bars.bottom >= max(1.0, _THIN * one.height)
    horizontal = bars.left + bars.right >= max(1.0, _THIN * one.width)
    if vertical:
        return Direction.ALL_ROUND if horizontal else Direction.ABOVE_BELOW
    return Direction.LEFT_RIGHT if horizontal else Direction.NONE


def padding_of(scanned: Sequence[Scanned]) -> Padding:
    """Count the bars by label and direction."""
    counts: dict[str, Counter[Direction]] = {}
    for one in scanned:
        counts.setdefault("|".join(one.photo.labels), Counter())[direction_of(one)] += 1
    labels = tuple(
        LabelPadding(label, count.total(), {d: count[d] / count.total() for d in Direction})
        for label, count in sorted(counts.items())
    )
    photos = max(1, len(scanned))
    named = sum(max((count[direction] for count in counts.values()), default=0) for direction in Direction)
    commonest = max((count.total() for count in counts.values()), default=0)
    return Padding(labels, named / photos, commonest / photos)
