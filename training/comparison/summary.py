"""Results -> the rows of the table, the best two and what parts them. Values in, values out."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.comparison.architectures import Name
from training.comparison.recipe import Metric, Setting
from training.comparison.run_folder import Run
from training.comparison.trial_record import TrialResult
from training.metrics import Interval, bootstrap_interval, class_scores
from training.model_comparison import SURE, mcnemar


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean over seeds, and their standard deviation (n - 1); None of one seed."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)

    def __str__(self) -> str:
        return f"{self.mean:.1%}" + (f" ± {self.deviation:.1%}" if self.deviation is not None else "")


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One architecture in one setting, over its finished seeds.

    Attributes:
        results: of all its seeds; those that failed have no part in the figures.
        val: best validation accuracy.
        test: each metric of the recipe, on the test part.
        hits: (seeds, N) which test pictures were right.
        failure: why there is no figure.

    """

    architecture: Name
    setting: Setting
    results: tuple[TrialResult, ...]
    val: Spread | None
    test: dict[Metric, Spread]
    hits: NDArray[np.bool_]
    failure: str | None

    @property
    def accuracy(self) -> float:
        """Mean test accuracy; nan where the training failed."""
        return float(self.hits.mean()) if self.hits.size else float("nan")


@dataclass(frozen=True, slots=True)
class Duel:
    """Two rows on the same pictures, in the seeds that both have.

    Attributes:
        seeds: each with ``only_first`` and ``only_second``, pictures that one alone got right.
        p_values: exact McNemar (1947), one a seed.
        gap: of the mean accuracies, the first less the second; nan without a common seed.
        difference: the same, percentile bootstrap over pictures.

    """

    first: Row
    second: Row
    seeds: tuple[int, ...]
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]
    p_values: tuple[float, ...]
    gap: float
    difference: Interval | None

    @property
    def p_value(self) -> float:
        """The largest over the seeds; 1 without any."""
        return max(self.p_values, default=1.0)

    @property
    def is_sure(self) -> bool:
        """Whether one is better beyond chance in each seed, and in each seed the same."""
        ahead = {first > second for first, second in zip(self.only_first, self.only_second, strict=True)}
        return self.p_value < SURE and len(ahead) == 1


def table(run: Run) -> list[Row]:
    """A row for each setting and architecture that has a finished training, in the recipe's order."""
    rows = []
    for setting in run.recipe.settings:
        for name in run.recipe.architectures:
            results = run.of(name, setting.name)
            if results:
                rows.append(_row(run, setting, results))
    return rows


def _row(run: Run, setting: Setting, results: Sequence[TrialResult]) -> Row:
    good = [result for result in results if result.test_predicted]
    predicted = [np.array(result.test_predicted) for result in good]
    hits = np.array([each == run.test_labels for each in predicted]).reshape(len(good), len(run.test_labels))
    metrics = run.recipe.metrics if good else ()
    return Row(
        architecture=results[0].trial.architecture,
        setting=setting,
        results=tuple(results),
        val=Spread.of([result.best.val_accuracy for result in good if result.best]) if good else None,
        test={name: Spread.of([_metric(run, name, each) for each in predicted]) for name in metrics},
        hits=hits,
        failure=next((result.failure for result in results if result.failure), None),
    )


def _metric(run: Run, name: Metric, predicted: NDArray[np.int64]) -> float:
    if name == "accuracy":
        return float((predicted == run.test_labels).mean())
    # What is called by no label of the task is called by one that no picture has.
    count = len(run.labels) + 1
    one_hot = np.eye(count, dtype=bool)
    called, places = np.minimum(predicted, count - 1).astype(np.intp), run.test_labels.astype(np.intp)
    scores = class_scores(called, one_hot[places], one_hot, places)
    return scores.macro_recall if name == "macro_recall" else scores.macro_f1


def winners(rows: Sequence[Row]) -> dict[Name, Row]:
    """Of each architecture, our setting that does best on validation."""
    best: dict[Name, Row] = {}
    for row in rows:
        if row.setting.role == "ours" and row.val is not None:
            other = best.get(row.architecture)
            if other is None or other.val is None or row.val.mean > other.val.mean:
                best[row.architecture] = row
    return best


def duel(first: Row, second: Row) -> Duel:
    """Compare two rows, seed by seed, on the test pictures."""
    mine, other = ({r.trial.seed: h for r, h in zip(_good(row), row.hits, strict=True)} for row in (first, second))
    seeds = sorted(set(mine) & set(other))
    only_first = tuple(int((mine[seed] & ~other[seed]).sum()) for seed in seeds)
    only_second = tuple(int((other[seed] & ~mine[seed]).sum()) for seed in seeds)
    gains = np.array([mine[seed].astype(float) - other[seed] for seed in seeds])
    by_picture = gains.mean(axis=0) if seeds else np.zeros(0)
    return Duel(
        first=first,
        second=second,
        seeds=tuple(seeds),
        only_first=only_first,
        only_second=only_second,
        p_values=tuple(mcnemar(a, b) for a, b in zip(only_first, only_second, strict=True)),
        gap=float(by_picture.mean()) if seeds else float("nan"),
        difference=bootstrap_interval(
            lambda chosen: float(by_picture[chosen].mean()), np.zeros(len(by_picture), dtype=np.intp)
        ),
    )


def _good(row: Row) -> list[TrialResult]:
    return [result for result in row.results if result.test_predicted]


def confusion(run: Run, row: Row) -> NDArray[np.int64]:
    """(K, K + 1) test pictures of all seeds: what they are, what they were called; last: no label of the task."""
    count = len(run.labels)
    counts = np.zeros((count, count + 1), dtype=np.int64)
    for result in _good(row):
        np.add.at(counts, (run.test_labels, np.minimum(result.test_predicted, count)), 1)
    return counts
