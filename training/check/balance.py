"""How many photos each label has."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from training.photo import Photo

TARGET: Final = 1_000
"""Photos that a class should have."""


@dataclass(frozen=True, slots=True)
class ClassSize:
    """The photos of one label.

    Attributes:
        label: which.
        sure: photos that have this label and no other.
        possible: photos of which it is one of several possible labels.

    """

    label: str
    sure: int
    possible: int

    @property
    def missing(self) -> int:
        """Photos short of the target."""
        return max(0, TARGET - self.sure)


def class_sizes(photos: Sequence[Photo]) -> list[ClassSize]:
    """Every label that occurs, by name."""
    sure = Counter(photo.labels[0] for photo in photos if len(photo.labels) == 1)
    possible = Counter(label for photo in photos if len(photo.labels) > 1 for label in photo.labels)
    return [ClassSize(label, sure[label], possible[label]) for label in sorted(sure.keys() | possible.keys())]


def imbalance(sizes: Sequence[ClassSize]) -> float:
    """The largest class over the smallest, >= 1; classes without a sure photo do not count; 1 of none."""
    counts = [size.sure for size in sizes if size.sure]
    return max(counts) / min(counts) if counts else 1.0
