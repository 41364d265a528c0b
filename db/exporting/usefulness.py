"""Which photos teach most. Pure."""

from collections.abc import Mapping
from typing import Final

WRONG: Final = 1.0
"""What a resident's "that is wrong" counts; a margin of nothing counts as much."""

RARE: Final = 0.5
"""What belonging to the rarest label counts."""


def usefulness(margin: float | None, disagrees: bool, rarity: float) -> float:
    """How much a label for this photo would teach, 0 to 2.5: the least sure, the wrong and the rare come first.

    Least margin is the usual measure for one label of many (Settles 2009, Active Learning Literature Survey, 3.1).

    Args:
        margin: by how much the likeliest label was ahead, 0 to 1; None, where no model's word is left, counts as 0.
        disagrees: whether its resident said something else than the model.
        rarity: of its label, from ``rarities``.

    """
    return (1.0 - (margin or 0.0)) + WRONG * disagrees + RARE * rarity


def rarities(counts: Mapping[str, int]) -> dict[str, float]:
    """For each label 0 to 1: 0 for the commonest, near 1 for one that hardly occurs."""
    most = max(counts.values(), default=0)
    return {label: 1.0 - count / most for label, count in counts.items()} if most else {}
