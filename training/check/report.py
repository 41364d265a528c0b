"""Everything that a check of a data set found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from training.check.balance import ClassSize, class_sizes
from training.check.copies import ExactCopies, NearDuplicates, exact_copies, near_duplicates
from training.check.padding import Padding, padding_of
from training.check.suspects import Mislabels
from training.scan import Scanned, UnreadablePhoto

SMALL_SIDE: Final = 64
"""A photo whose longer side is at most this many pixels shows too little to learn from."""


@dataclass(frozen=True, slots=True)
class Report:
    """A data set's faults.

    Attributes:
        photos: files looked at.
        unreadable: those that are no acceptable photos.
        small: those at or under 64 x 64 pixels.
        copies: groups with equal pixels.
        near: pairs that look the same.
        distance: bits of 64 within which they do.
        classes: how many photos each label has.
        padding: bars by label.
        mislabels: None when they were not looked for.

    """

    photos: int
    unreadable: tuple[UnreadablePhoto, ...]
    small: tuple[Scanned, ...]
    copies: tuple[ExactCopies, ...]
    near: tuple[NearDuplicates, ...]
    distance: int
    classes: tuple[ClassSize, ...]
    padding: Padding
    mislabels: Mislabels | None


def make_report(
    scanned: Sequence[Scanned],
    unreadable: Sequence[UnreadablePhoto],
    distance: int,
    mislabels: Mislabels | None = None,
) -> Report:
    """Run all checks over what the scan saw."""
    return Report(
        photos=len(scanned) + len(unreadable),
        unreadable=tuple(unreadable),
        small=tuple(one for one in scanned if max(one.width, one.height) <= SMALL_SIDE),
        copies=tuple(exact_copies(scanned)),
        near=tuple(near_duplicates(scanned, distance)),
        distance=distance,
        classes=tuple(class_sizes([one.photo for one in scanned])),
        padding=padding_of(scanned),
        mislabels=mislabels,
    )
