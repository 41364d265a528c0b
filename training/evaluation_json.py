"""An evaluation for a program: values that ``json.dumps`` takes."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.labels import LABELS
from training.evaluate import (
    ACCURACY_GOAL,
    COVERAGE_GOAL,
    About,
    Estimate,
    Evaluation,
    NotWasteScores,
    SourceScores,
    WasteScores,
)
from training.metrics import ClassScores, Interval, Proportion

_DIGITS: Final = 6


def _number(value: float | None) -> float | None:
    # JSON has no nan: what is undefined is null.
    return None if value is None or math.isnan(value) else round(float(value), _DIGITS)


def _interval(interval: Interval | None) -> dict[str, object]:
    low, high = (interval.low, interval.high) if interval else (None, None)
    return {"low": _number(low), "high": _number(high)}


def _proportion(share: Proportion) -> dict[str, object]:
    return {
        "value": _number(share.value),
        **_interval(share.interval),
        "count": share.count,
        "total": share.total,
    }


def _estimate(estimate: Estimate) -> dict[str, object]:
    return {"value": _number(estimate.value), **_interval(estimate.interval)}


def _class(scores: ClassScores, index: int) -> dict[str, object]:
    return {
        "photos": int(scores.support[index]),
        "precision": _number(scores.precision[index]),
        "recall": _number(scores.recall[index]),
        "f1": _number(scores.f1[index]),
    }


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [_number(value) for value in values.tolist()]


def _waste_json(waste: WasteScores) -> dict[str, object]:
    curve, bins, decisions = waste.curve.thinned(), waste.reliability, waste.decisions
    return {
        "accuracy": _proportion(waste.accuracy),
        "accuracy_one_label": _proportion(waste.accuracy_one_label),
        "macro_f1": {"labels": _estimate(waste.macro_f1_labels), "folders": _estimate(waste.macro_f1_rows)},
        "macro_recall": {
            "labels": _number(waste.labels.macro_recall),
            "folders": _number(waste.row_scores.macro_recall),
        },
        "labels": [{"label": label.value, **_class(waste.labels, index)} for index, label in enumerate(LABELS)],
        "folders": [
            {"folder": row.name, "labels": list(row.labels), **_class(waste.row_scores, index)}
            for index, row in enumerate(waste.rows)
        ],
        "ece": _number(bins.ece),
        "reliability": {
            "edges": _numbers(bins.edges),
            "photos": bins.count.tolist(),
            "confidence": _numbers(bins.confidence),
            "accuracy": _numbers(bins.accuracy),
        },
        "brier": _number(waste.brier),
        "nll": _number(waste.nll),
        "selective": {
            "answered": _proportion(decisions.answered),
            "answered_right": _proportion(decisions.answered_right),
            "asked": _proportion(decisions.asked),
            "asked_with_truth": _proportion(decisions.asked_with_truth),
            "refused": _proportion(decisions.refused),
            f"accuracy_at_coverage_{COVERAGE_GOAL:.2f}": _number(waste.curve.accuracy_at(COVERAGE_GOAL)),
            f"coverage_at_accuracy_{ACCURACY_GOAL:.2f}": _number(waste.curve.coverage_at(ACCURACY_GOAL)),
        },
        "coverage_curve": {
            "threshold": _numbers(curve.threshold),
            "coverage": _numbers(curve.coverage),
            "accuracy": _numbers(curve.accuracy),
        },
        "hazard_battery": {
            "recall": _proportion(waste.hazard_recall),
            "false_alarms": _proportion(waste.hazard_false_alarms),
        },
        "confusion": {
            "rows": [row.name for row in waste.rows],
            "columns": [label.value for label in LABELS],
            "counts": [row.counts.tolist() for row in waste.rows],
        },
    }


def _not_waste_json(scores: NotWasteScores) -> dict[str, object]:
    return {
        "photos": scores.photos,
        "auroc": _estimate(scores.auroc),
        "fpr95": _proportion(scores.fpr95) if scores.fpr95 else None,
        "refused": _proportion(scores.refused),
        "answered": _proportion(scores.answered),
        "hazard_false_alarms": _proportion(scores.hazard_false_alarms),
    }


def _source_json(scores: SourceScores) -> dict[str, object]:
    return {
        "source": scores.source,
        "photos": scores.photos,
        "accuracy": _proportion(scores.accuracy),
        "macro_recall": _number(scores.macro_recall),
        "ece": _number(scores.ece),
        "answered": _proportion(scores.answered),
        "answered_right": _proportion(scores.answered_right),
        "refused": _proportion(scores.refused),
    }


def as_json(evaluation: Evaluation, about: About) -> dict[str, object]:
    """The evaluation as values that ``json.dumps`` takes; shares in [0, 1], what is undefined is null."""
    return {
        "model": about.model,
        "backend": about.backend,
        "data": about.data,
        "photos": evaluation.photos,
        "unreadable": [
            {"file": each.path, "error": each.error, "detail": each.detail} for each in evaluation.unreadable
        ],
        "skipped_folders": list(about.skipped_folders),
        "ignored_files": list(about.ignored),
        "waste": _waste_json(evaluation.waste) if evaluation.waste else None,
        "not_waste": _not_waste_json(evaluation.not_waste) if evaluation.not_waste else None,
        "sources": [_source_json(scores) for scores in evaluation.sources],
    }
