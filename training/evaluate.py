"""Score a model on photos whose truth is known: what it said of them -> every measure, with intervals."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.answer import Decision
from inference.labels import LABELS, Label
from training.metrics import (
    Bools,
    ClassScores,
    CoverageCurve,
    Interval,
    Ints,
    Proportion,
    Reliability,
    auroc,
    bootstrap_interval,
    brier_score,
    class_scores,
    confusion_counts,
    coverage_curve,
    false_positives_at,
    negative_log_likelihood,
    reliability,
    right,
)
from training.scored_photos import Scored, Unreadable

WASTE_FOUND: Final = 0.95
"""The share of waste let through at which FPR95 is read."""

COVERAGE_GOAL: Final = 0.90
ACCURACY_GOAL: Final = 0.98
"""The points of the coverage curve that are told: accuracy at this coverage, coverage at this accuracy."""

_BATTERY: Final = LABELS.index(Label.BATTERY)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure that is no proportion, with its bootstrap interval; None where it is undefined."""

    value: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A folder, or a set of labels of a split file, and what its photos were called.

    Attributes:
        name: of the row.
        labels: that are right for its photos.
        counts: (12,) photos by predicted label.

    """

    name: str
    labels: tuple[str, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the decision made of photos that do show waste.

    Attributes:
        answered: photos answered outright, of all.
        answered_right: of those answered.
        asked: photos where the resident is asked.
        asked_with_truth: of those asked, the right label is among the choices.
        refused: photos wrongly taken for no waste.

    """

    answered: Proportion
    answered_right: Proportion
    asked: Proportion
    asked_with_truth: Proportion
    refused: Proportion


@dataclass(frozen=True, slots=True, eq=False)
class WasteScores:
    """The measures over photos that do show waste.

    Attributes:
        accuracy: top-1, whatever was decided.
        accuracy_one_label: over photos of one true label alone, without those where any of a set is right.
        labels: scores of the twelve labels; recall over photos of that one label.
        rows: the R rows of the confusion matrix.
        row_scores: scores of the rows; precision is shared by rows whose labels overlap.
        macro_f1_labels: over labels that have photos of their own.
        macro_f1_rows: over rows.
        reliability: top-1 confidence against accuracy.
        brier: see ``metrics.brier_score``.
        nll: see ``metrics.negative_log_likelihood``.
        curve: coverage against accuracy as the confidence threshold moves.
        decisions: what the manifest's thresholds make of it.
        hazard_recall: batteries for which the warning is shown.
        hazard_false_alarms: photos that cannot be a battery for which it is shown.

    """

    accuracy: Proportion
    accuracy_one_label: Proportion
    labels: ClassScores
    rows: tuple[Row, ...]
    row_scores: ClassScores
    macro_f1_labels: Estimate
    macro_f1_rows: Estimate
    reliability: Reliability
    brier: float
    nll: float
    curve: CoverageCurve
    decisions: Decisions
    hazard_recall: Proportion
    hazard_false_alarms: Proportion


@dataclass(frozen=True, slots=True)
class NotWasteScores:
    """The measures that need photos of no waste.

    Attributes:
        photos: of no waste.
        auroc: of the waste score, waste being positive; undefined without photos of waste.
        fpr95: photos of no waste let through where 95 % of waste is; None without photos of waste.
        refused: photos of no waste that are decided so.
        answered: photos of no waste that are answered with a label all the same.
        hazard_false_alarms: photos of no waste with a battery warning.

    """

    photos: int
    auroc: Estimate
    fpr95: Proportion | None
    refused: Proportion
    answered: Proportion
    hazard_false_alarms: Proportion


@dataclass(frozen=True, slots=True)
class SourceScores:
    """The measures of one source of a split file.

    Attributes:
        source: its name.
        photos: scored.
        accuracy: top-1 over its photos of waste.
        macro_recall: mean recall over its rows; None without photos of waste.
        ece: None without photos of waste.
        answered: its photos of waste that are answered outright.
        answered_right: of those.
        refused: its photos, of whatever, that are taken for no waste.

    """

    source: str
    photos: int
    accuracy: Proportion
    macro_recall: float | None
    ece: float | None
    answered: Proportion
    answered_right: Proportion
    refused: Proportion


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that was measured.

    Attributes:
        photos: scored.
        waste: None without photos of waste.
        not_waste: None without photos of no waste.
        sources: by name; empty where the photos name none.
        unreadable: photos that were not scored.

    """

    photos: int
    waste: WasteScores | None
    not_waste: NotWasteScores | None
    sources: tuple[SourceScores, ...]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What was scored on what.

    Attributes:
        model: name and version of the weights.
        backend: the engine that ran them.
        data: the folder, or split file and part, as the caller named it.
        skipped_folders: left out by the mapping.
        ignored: files that are no photos by their suffix.

    """

    model: str
    backend: str
    data: str
    skipped_folders: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def evaluate(scored: Scored, unreadable: tuple[Unreadable, ...] = ()) -> Evaluation:
    """Every measure of what a model said.

    Args:
        scored: of N photos, N >= 0.
        unreadable: handed through.

    """
    is_waste = scored.is_waste
    waste, not_waste = scored.where(is_waste), scored.where(~is_waste)
    return Evaluation(
        photos=len(scored.samples),
        waste=_waste_scores(waste) if waste.samples else None,
        not_waste=_not_waste_scores(waste, not_waste) if not_waste.samples else None,
        sources=_source_scores(scored),
        unreadable=unreadable,
    )


def _estimate(value: float, interval: Interval | None) -> Estimate:
    return Estimate(None, None) if math.isnan(value) else Estimate(value, interval)


def _row_classes(scored: Scored) -> tuple[list[str], Bools, Ints]:
    """Names of the rows, sorted; their labels, (R, 12); and the row of each photo, (N,)."""
    names = sorted({sample.row for sample in scored.samples})
    membership = np.array([names.index(sample.row) for sample in scored.samples], dtype=np.intp)
    # All photos of a row share their labels, so any of them tells what the row stands for.
    _, first = np.unique(membership, return_index=True)
    return names, scored.truth[first], membership


def _macro_f1(predicted: Ints, truth: Bools, classes: Bools, membership: Ints) -> Estimate:
    def of(chosen: Ints) -> float:
        return class_scores(predicted[chosen], truth[chosen], classes, membership[chosen]).macro_f1

    everyone = np.arange(len(predicted))
    return _estimate(of(everyone), bootstrap_interval(of, membership))


def _decisions(waste: Scored, hits: Bools) -> Decisions:
    answered, asked = waste.decided(Decision.ANSWER), waste.decided(Decision.ASK)
    among_choices: Bools = np.any(waste.asked_about & waste.truth, axis=1)
    return Decisions(
        answered=Proportion.of(answered),
        answered_right=Proportion.of(hits[answered]),
        asked=Proportion.of(asked),
        asked_with_truth=Proportion.of(among_choices[asked]),
        refused=Proportion.of(waste.decided(Decision.NOT_WASTE)),
    )


def _waste_scores(waste: Scored) -> WasteScores:
    predicted, truth, confidence = waste.predicted, waste.truth, waste.probabilities.max(axis=1)
    hits = right(predicted, truth)
    label_of = np.where(truth.sum(axis=1) == 1, truth.argmax(axis=1), -1)
    one_label_each = np.eye(len(LABELS), dtype=np.bool_)
    names, row_labels, row_of = _row_classes(waste)
    counts = confusion_counts(predicted, row_of, (len(names), len(LABELS)))
    may_be_battery = truth[:, _BATTERY]
    return WasteScores(
        accuracy=Proportion.of(hits),
        accuracy_one_label=Proportion.of(hits[label_of >= 0]),
        labels=class_scores(predicted, truth, one_label_each, label_of),
        rows=tuple(
            Row(name, tuple(LABELS[column].value for column in np.flatnonzero(labels)), count)
            for name, labels, count in zip(names, row_labels, counts, strict=True)
        ),
        row_scores=class_scores(predicted, truth, row_labels, row_of),
        macro_f1_labels=_macro_f1(predicted, truth, one_label_each, label_of),
        macro_f1_rows=_macro_f1(predicted, truth, row_labels, row_of),
        reliability=reliability(confidence, hits),
        brier=brier_score(waste.probabilities, truth),
        nll=negative_log_likelihood(waste.probabilities, truth),
        curve=coverage_curve(confidence, hits),
        decisions=_decisions(waste, hits),
        hazard_recall=Proportion.of(waste.battery_shown[label_of == _BATTERY]),
        hazard_false_alarms=Proportion.of(waste.battery_shown[~may_be_battery]),
    )


def _not_waste_scores(waste: Scored, not_waste: Scored) -> NotWasteScores:
    scores = np.concatenate([waste.waste_scores, not_waste.waste_scores])
    positive = np.arange(len(scores)) < len(waste.samples)

    def area(chosen: Ints) -> float:
        is_positive = positive[chosen]
        return auroc(scores[chosen][is_positive], scores[chosen][~is_positive])

    return NotWasteScores(
        photos=len(not_waste.samples),
        auroc=_estimate(
            area(np.arange(len(scores))),
            bootstrap_interval(area, positive.astype(np.intp)) if waste.samples else None,
        ),
        fpr95=(false_positives_at(WASTE_FOUND, waste.waste_scores, not_waste.waste_scores) if waste.samples else None),
        refused=Proportion.of(not_waste.decided(Decision.NOT_WASTE)),
        answered=Proportion.of(not_waste.decided(Decision.ANSWER)),
        hazard_false_alarms=Proportion.of(not_waste.battery_shown),
    )


def _source_scores(scored: Scored) -> tuple[SourceScores, ...]:
    sources = np.array([sample.photo.source for sample in scored.samples], dtype=np.str_)
    found = []
    for source in sorted({sample.photo.source for sample in scored.samples} - {""}):
        own = scored.where(sources == source)
        waste = own.where(own.is_waste)
        hits = right(waste.predicted, waste.truth)
        answered = waste.decided(Decision.ANSWER)
        macro_recall = ece = None
        if waste.samples:
            _, row_labels, row_of = _row_classes(waste)
            macro_recall = class_scores(waste.predicted, waste.truth, row_labels, row_of).macro_recall
            ece = reliability(waste.probabilities.max(axis=1), hits).ece
        found.append(
            SourceScores(
                source=source,
                photos=len(own.samples),
                accuracy=Proportion.of(hits),
                macro_recall=macro_recall,
                ece=ece,
                answered=Proportion.of(answered),
                answered_right=Proportion.of(hits[answered]),
                refused=Proportion.of(own.decided(Decision.NOT_WASTE)),
            )
        )
    return tuple(found)
