"""Does our order of labelling win? A data set grows from a tenth, by chance and by our order, and is measured.

A linear classifier on frozen features stands for the network: it is refitted in seconds, and the question is which
photos teach, not how well they are learned in the end. The truth of each chosen photo is what people would answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from db.exporting.usefulness import rarities, usefulness
from training.metrics import Floats, Ints

RANDOM_SHARE: Final = 0.15
"""Of each portion of our order: labels that say how good the model is without a choice in between."""

SHARES: Final = (0.1, 0.15, 0.2, 0.3, 0.45, 0.6)
"""Of the pool that is labelled, step by step."""


class Order(StrEnum):
    """By what the next photos are chosen."""

    RANDOM = "random"
    OURS = "ours"


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Photos that may be labelled, or are measured on.

    Attributes:
        features: (N, F) float32.
        labels: (N,) columns of ``LABELS``.

    """

    features: NDArray[np.float32]
    labels: Ints


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: after ``labelled`` photos, by macro recall on photos never learned from, in [0, 1]."""

    order: Order
    seed: int
    labelled: int
    macro_recall: float


def simulate(
    pool: Pool,
    held_out: Pool,
    seeds: Sequence[int],
    *,
    reports: float = 0.0,
    shares: Sequence[float] = SHARES,
    report: Callable[[str], None] = lambda text: None,
) -> list[Point]:
    """Grow the labelled part by both orders, from the same photos for each seed.

    Args:
        pool: where photos are taken from.
        held_out: what is measured on.
        seeds: one run of each order for each.
        reports: probability that a resident says "wrong" where the model is, in [0, 1].
        shares: of the pool that is labelled, rising; the first is drawn at random for both.
        report: is told each measurement.

    """
    points = []
    for seed in seeds:
        start = np.random.default_rng((seed, 0)).permutation(len(pool.labels))[: round(shares[0] * len(pool.labels))]
        for order in Order:
            rng = np.random.default_rng((seed, 1))
            labelled, model = start, fitted(pool, start)
            for share in shares:
                wanted = round(share * len(pool.labels)) - len(labelled)
                if wanted:
                    labelled = np.concatenate([labelled, _chosen(pool, labelled, model, wanted, order, reports, rng)])
                    model = fitted(pool, labelled)
                points.append(Point(order, seed, len(labelled), macro_recall(model, held_out)))
                report(f"seed {seed}, {order}: {len(labelled)} labelled, macro recall {points[-1].macro_recall:.3f}")
    return points


def fitted(pool: Pool, labelled: Ints) -> LogisticRegression:
    """What the labelled photos teach; to it each label counts alike."""
    model = LogisticRegression(max_iter=200, C=0.003, class_weight="balanced")
    return model.fit(pool.features[labelled], pool.labels[labelled])


def macro_recall(model: LogisticRegression, held_out: Pool) -> float:
    """Mean over the labels of the share of their photos that is recognised."""
    right = model.predict(held_out.features) == held_out.labels
    return float(np.mean([right[held_out.labels == label].mean() for label in np.unique(held_out.labels)]))


def gains(points: Sequence[Point]) -> dict[int, Floats]:
    """Labelled photos -> (seeds,) macro recall by our order less that by chance, from the same start."""
    by_place = {(point.order, point.labelled, point.seed): point.macro_recall for point in points}
    seeds = sorted({point.seed for point in points})
    return {
        count: np.array([by_place[Order.OURS, count, seed] - by_place[Order.RANDOM, count, seed] for seed in seeds])
        for count in sorted({point.labelled for point in points})
    }


def _chosen(
    pool: Pool,
    labelled: Ints,
    model: LogisticRegression,
    wanted: int,
    order: Order,
    reports: float,
    rng: np.random.Generator,
) -> Ints:
    left = np.setdiff1d(np.arange(len(pool.labels)), labelled)
    shuffled = rng.permutation(left)
    if order is Order.RANDOM:
        return shuffled[:wanted]
    drawn = shuffled[: round(RANDOM_SHARE * wanted)]
    others = np.setdiff1d(left, drawn)
    probabilities = model.predict_proba(pool.features[others])
    ranked = np.sort(probabilities, axis=1)
    said = model.classes_[probabilities.argmax(axis=1)]
    names, counts = np.unique(said, return_counts=True)
    rare = rarities({str(name): int(count) for name, count in zip(names, counts, strict=True)})
    reported = (said != pool.labels[others]) & (rng.random(len(others)) < reports)
    useful = [
        usefulness(float(margin), bool(wrong), rare[str(name)])
        for margin, wrong, name in zip(ranked[:, -1] - ranked[:, -2], reported, said, strict=True)
    ]
    best = others[np.argsort(-np.asarray(useful), kind="stable")]
    return np.concatenate([drawn, best[: wanted - len(drawn)]])
