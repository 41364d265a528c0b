"""Measures of a classifier, in numpy alone: arrays in, values out, no photo and no file in sight.

A photo's truth is a *set* of labels, a row of a boolean matrix: one label as a rule, several where the data
set only knows that it is one of them ("glass"). A prediction is right when it lies in the set. Where every
set holds one label, each measure here is the usual one.

Intervals take photos as independent. Near-duplicates in a set make them too narrow.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

ECE_BINS: Final = 15
CONFIDENCE_LEVEL: Final = 0.95
_Z: Final = 1.959963984540054  # the normal quantile of CONFIDENCE_LEVEL, two-sided
_LEAST_PROBABILITY: Final = 1e-15


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval at ``CONFIDENCE_LEVEL``."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Proportion:
    """``count`` out of ``total`` photos."""

    count: int
    total: int

    @classmethod
    def of(cls, hits: Bools) -> "Proportion":
        """The share of true entries in a (N,) array."""
        return cls(int(np.count_nonzero(hits)), int(hits.size))

    @property
    def value(self) -> float | None:
        """The share in [0, 1]; None of no photos."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's score interval (1927), which holds for few photos and shares near 0 and 1 too."""
        if self.total == 0:
            return None
        n, share = self.total, self.count / self.total
        scale = 1.0 + _Z**2 / n
        centre = (share + _Z**2 / (2 * n)) / scale
        half = _Z / scale * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        # At the ends the bound is 0 or 1 exactly; rounding would put it a hair inside or outside.
        low = 0.0 if self.count == 0 else max(0.0, centre - half)
        high = 1.0 if self.count == n else min(1.0, centre + half)
        return Interval(low, high)


def right(predicted: Ints, truth: Bools) -> Bools:
    """Which predictions lie in their photo's set.

    Args:
        predicted: (N,) columns.
        truth: (N, K), True where the photo may be that label.

    Returns:
        (N,).

    """
    hits: Bools = truth[np.arange(len(predicted)), predicted]
    return hits


def confusion_counts(predicted: Ints, rows: Ints, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Photos by what they are (rows) and what they were called (columns).

    Args:
        predicted: (N,) columns in [0, shape[1]).
        rows: (N,) in [0, shape[0]).
        shape: of the result.

    """
    counts = np.bincount(rows * shape[1] + predicted, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Precision, recall and F1 of C classes; nan where there is nothing to divide by.

    Attributes:
        support: (C,) photos of the class.
        precision: (C,) in [0, 1]; nan when the class was never predicted.
        recall: (C,) in [0, 1]; nan when there is no photo of it.
        f1: (C,) in [0, 1]; 0 when there are photos of the class and none was found; nan without photos.

    """

    support: NDArray[np.int64]
    precision: Floats
    recall: Floats
    f1: Floats

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that have photos; nan when none has."""
        return _mean(self.f1[self.support > 0])

    @property
    def macro_recall(self) -> float:
        """Mean recall of the classes that have photos (balanced accuracy); nan when none has."""
        return _mean(self.recall[self.support > 0])


def class_scores(predicted: Ints, truth: Bools, classes: Bools, membership: Ints) -> ClassScores:
    """Precision, recall and F1 of classes that are each one label or a set of labels.

    Recall of a class: the share right among its own photos. Precision: among *all* photos that were called
    one of its labels, the share for which that was right; so a photo of the set "glass" called metal costs
    metal precision, and one called brown-glass costs brown-glass nothing.

    Args:
        predicted: (N,) columns.
        truth: (N, K).
        classes: (C, K), the labels of each class.
        membership: (N,) the class that each photo belongs to, -1 for none.

    """
    count, labels = classes.shape
    hits = right(predicted, truth)
    called = classes @ np.bincount(predicted, minlength=labels)
    called_right = classes @ np.bincount(predicted[hits], minlength=labels)
    support = np.bincount(membership[membership >= 0], minlength=count)
    found = np.bincount(membership[hits & (membership >= 0)], minlength=count)
    precision, recall = _ratio(called_right, called), _ratio(found, support)
    known_precision = np.nan_to_num(precision)
    f1 = np.where(found > 0, _ratio(2 * known_precision * recall, known_precision + recall), 0.0)
    return ClassScores(support, precision, recall, np.where(support > 0, f1, np.nan))


def _ratio(top: NDArray[np.number], bottom: NDArray[np.number]) -> Floats:
    quotient = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=quotient, where=bottom > 0)
    return quotient


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Stated confidence against accuracy, in B bins of equal width.

    Attributes:
        edges: (B + 1,) from 0 to 1; a bin holds its upper edge and not its lower one, but the first holds 0.
        count: (B,) photos.
        confidence: (B,) mean confidence; nan in an empty bin.
        accuracy: (B,) share right; nan in an empty bin.

    """

    edges: Floats
    count: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats

    @property
    def ece(self) -> float:
        """Expected calibration error in [0, 1]: the mean gap by photo (Guo et al. 2017); nan of none."""
        total = self.count.sum()
        gaps = np.nan_to_num(np.abs(self.accuracy - self.confidence))
        return float((gaps * self.count).sum() / total) if total else math.nan


def reliability(confidence: Floats, hits: Bools, bins: int = ECE_BINS) -> Reliability:
    """Bin the top-1 confidence of each photo against whether its top-1 label was right.

    For a photo whose truth is a set the confidence is still that of the top-1 label alone, the figure that a
    resident sees. Such a photo is right more often than its confidence says, so that the calibration of
    single labels is best read from photos of single labels.

    Args:
        confidence: (N,) in [0, 1].
        hits: (N,) whether the prediction was right.
        bins: number of bins, >= 1.

    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    index = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    count = np.bincount(index, minlength=bins)
    mean_confidence = _ratio(np.bincount(index, confidence, minlength=bins), count)
    accuracy = _ratio(np.bincount(index, hits, minlength=bins), count)
    return Reliability(edges, count, mean_confidence, accuracy)


def brier_score(probabilities: Floats, truth: Bools) -> float:
    """Mean squared distance of the probabilities from the truth (Brier 1950), in [0, 2]; nan of no photos.

    The labels of a set count as one merged label, whose probability is their sum.

    Args:
        probabilities: (N, K), each row with sum 1.
        truth: (N, K).

    """
    merged = (probabilities * truth).sum(axis=1)
    others = (probabilities**2 * ~truth).sum(axis=1)
    return _mean((1.0 - merged) ** 2 + others)


def negative_log_likelihood(probabilities: Floats, truth: Bools) -> float:
    """Mean of -ln P(set), in nats, >= 0; P counts as at least 1e-15, lest one photo make it infinite.

    Args:
        probabilities: (N, K), each row with sum 1.
        truth: (N, K).

    """
    merged = (probabilities * truth).sum(axis=1)
    return _mean(-np.log(np.clip(merged, _LEAST_PROBABILITY, 1.0)))


@dataclass(frozen=True, slots=True, eq=False)
class CoverageCurve:
    """Accuracy on the surest photos, by how many of them are answered (El-Yaniv & Wiener 2010).

    One point for each confidence that occurs, coverage rising; all arrays are (P,). Photos of one confidence
    are answered together, for no threshold can tell them apart.

    Attributes:
        threshold: answering from this confidence up ...
        coverage: ... answers this share of the photos, in (0, 1] ...
        accuracy: ... of which this share is right.

    """

    threshold: Floats
    coverage: Floats
    accuracy: Floats

    def accuracy_at(self, coverage: float) -> float | None:
        """Accuracy at the highest threshold that answers at least this share of the photos; None of none."""
        reached = np.flatnonzero(self.coverage >= coverage)
        return float(self.accuracy[reached[0]]) if reached.size else None

    def coverage_at(self, accuracy: float) -> float:
        """The largest coverage at which at least this share is right; 0 when no threshold reaches it."""
        good = np.flatnonzero(self.accuracy >= accuracy)
        return float(self.coverage[good[-1]]) if good.size else 0.0

    def thinned(self, points: int = 101) -> "CoverageCurve":
        """At most ``points`` of its points, evenly spread over the curve, both ends kept."""
        if len(self.coverage) <= points:
            return self
        kept = np.linspace(0, len(self.coverage) - 1, points).round().astype(np.intp)
        return CoverageCurve(self.threshold[kept], self.coverage[kept], self.accuracy[kept])


def coverage_curve(confidence: Floats, hits: Bools) -> CoverageCurve:
    """The coverage curve of (N,) confidences and whether each prediction was right; empty of no photos."""
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    # A point is the last photo of each run of equal confidences.
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], len(falling) > 0))
    answered = last + 1
    coverage = answered / max(1, len(falling))
    return CoverageCurve(falling[last], coverage, np.cumsum(hits[order])[last] / answered)


def auroc(positive: Floats, negative: Floats) -> float:
    """Probability that a positive outscores a negative, ties half (Mann & Whitney 1947); nan without either.

    Args:
        positive: (P,) scores.
        negative: (M,) scores.

    """
    if not (positive.size and negative.size):
        return math.nan
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below + not_above).sum() / (2 * positive.size * negative.size))


def false_positives_at(share_found: float, positive: Floats, negative: Floats) -> Proportion:
    """Negatives let through by the highest threshold that lets this share of positives through.

    At 0.95 it is FPR95 (Hendrycks & Gimpel 2017 and after).

    Args:
        share_found: in (0, 1].
        positive: (P,) scores, P >= 1.
        negative: (M,) scores.

    """
    needed = math.ceil(share_found * positive.size - 1e-9)
    threshold = np.sort(positive)[::-1][max(needed, 1) - 1]
    return Proportion.of(negative >= threshold)


def bootstrap_interval(
    statistic: Callable[[Ints], float], strata: Ints, *, resamples: int = 1000, seed: int = 0
) -> Interval | None:
    """Percentile bootstrap (Efron 1979), resampled within strata: no class grows, shrinks or vanishes.

    Args:
        statistic: of the photos at these indices.
        strata: (N,) the stratum of each photo.
        resamples: how often to draw.
        seed: the same seed gives the same interval.

    Returns:
        None where there is no photo or the statistic is undefined.

    """
    if strata.size == 0:
        return None
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    values = [statistic(np.concatenate([rng.choice(own, own.size) for own in members])) for _ in range(resamples)]
    if np.isnan(values).any():
        return None
    tail = (1.0 - CONFIDENCE_LEVEL) / 2
    low, high = np.quantile(values, (tail, 1.0 - tail))
    return Interval(float(low), float(high))
