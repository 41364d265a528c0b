"""Two models on the same photos: who is right more often, label by label, and how sure that is."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.answer import Decision
from inference.labels import LABELS, Label
from training.metrics import Bools, Floats, Interval, bootstrap_interval, right
from training.scored_photos import Scored

FEWEST: Final = 10
"""Photos of a label below which nothing is said of a change in it: one photo would be ten points."""

SURE: Final = 0.05
"""The p-value below which a loss on all photos together is taken for one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of both models.

    Attributes:
        photos: it was measured on.
        before, after: shares in [0, 1]; nan where there is no photo.
        difference: of the two, the same photos drawn for both (paired percentile bootstrap); None without photos.

    """

    photos: int
    before: float
    after: float
    difference: Interval | None

    @property
    def gain(self) -> float:
        """After less before, in [-1, 1]."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a model does beside another.

    Attributes:
        accuracy: of all photos of waste; what is taken for no waste is not right, whatever its label would be.
        recall: of each label that has photos of its own, likewise.
        warned: of the photos of batteries, those with the warning.
        turned_away: of the photos of no waste, those that are taken for none.
        only_before, only_after: photos that one of the two alone got right.
        p_value: that chance alone splits these so (exact McNemar 1947), in [0, 1].

    """

    accuracy: Change
    recall: dict[Label, Change]
    warned: Change
    turned_away: Change
    only_before: int
    only_after: int
    p_value: float


class DifferentPhotos(ValueError):
    """The two models did not answer the same photos."""


def compare(before: Scored, after: Scored, *, seed: int = 0) -> Comparison:
    """Compare what two models said about the same photos of waste.

    Raises:
        DifferentPhotos: they are not the same.

    """
    if before.samples != after.samples:
        raise DifferentPhotos("the two models did not answer the same photos")
    waste = before.is_waste
    away, later_away = (each.where(~waste).decided(Decision.NOT_WASTE) for each in (before, after))
    turned_away = _share_of(away, later_away, seed)
    before, after = before.where(waste), after.where(waste)
    truth = before.truth
    hits, later_hits = (right(each.predicted, truth) & ~each.decided(Decision.NOT_WASTE) for each in (before, after))
    batteries = truth[:, LABELS.index(Label.BATTERY)]
    single = truth.sum(axis=1) == 1
    recall = {}
    for column, label in enumerate(LABELS):
        own = single & truth[:, column]
        if own.any():
            recall[label] = _share_of(hits[own], later_hits[own], seed)
    strata = np.where(single, truth.argmax(axis=1), len(LABELS))
    only_before, only_after = int((hits & ~later_hits).sum()), int((later_hits & ~hits).sum())
    return Comparison(
        accuracy=_change(hits, later_hits, strata, seed),
        recall=recall,
        warned=_share_of(before.battery_shown[batteries], after.battery_shown[batteries], seed),
        turned_away=turned_away,
        only_before=only_before,
        only_after=only_after,
        p_value=mcnemar(only_before, only_after),
    )


def mcnemar(only_before: int, only_after: int) -> float:
    """The exact two-sided p-value of so uneven a split, or a more uneven one, by a fair coin (McNemar 1947)."""
    tosses, fewer = only_before + only_after, min(only_before, only_after)
    tail = sum(math.comb(tosses, heads) for heads in range(fewer + 1))
    return min(1.0, 2 * tail / (1 << tosses))


def dropped(comparison: Comparison, margin: float) -> tuple[Label, ...]:
    """The labels whose recall drops by more than ``margin``, a share in [0, 1]."""
    return tuple(label for label, change in comparison.recall.items() if is_drop(change, margin))


def is_drop(change: Change, margin: float) -> bool:
    """Whether a share drops by more than ``margin``, a share in [0, 1], on photos enough to say so."""
    # Shares of few photos are fractions whose difference may miss the margin by rounding alone.
    return change.photos >= FEWEST and change.gain < -margin - 1e-9


def is_worse(comparison: Comparison) -> bool:
    """Whether the later model is right less often than chance explains, though no label may lose much by itself."""
    return comparison.only_before > comparison.only_after and comparison.p_value < SURE


def _share_of(before: Bools, after: Bools, seed: int) -> Change:
    return _change(before, after, np.zeros(len(before), np.int64), seed)


def unjudged(comparison: Comparison) -> tuple[Label, ...]:
    """The labels of which there are too few photos to say whether they drop."""
    return tuple(
        label for label in LABELS if label not in comparison.recall or comparison.recall[label].photos < FEWEST
    )


def _change(before: Bools, after: Bools, strata: "np.ndarray[tuple[int], np.dtype[np.int64]]", seed: int) -> Change:
    gains: Floats = after.astype(np.float64) - before.astype(np.float64)
    return Change(
        photos=len(before),
        before=float(before.mean()) if len(before) else float("nan"),
        after=float(after.mean()) if len(after) else float("nan"),
        difference=bootstrap_interval(lambda chosen: float(gains[chosen].mean()), strata, seed=seed),
    )
