"""The figures of a folder of weights: both backends over the test split and over strangers' photos."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.backends.backend import Backend
from inference.backends.select import open_backend
from inference.backends.torch_backend import TorchBackend
from inference.classifier import Classifier
from inference.decode import DecodeLimits
from inference.manifest import Role, load_manifest, verify_files
from training.data_recipe import DataError
from training.evaluate import ACCURACY_GOAL, COVERAGE_GOAL, Evaluation, NotWasteScores, WasteScores, evaluate
from training.labelled_photos import photos_of_split
from training.metrics import right
from training.scored_photos import Scored, predict_with, score_photos
from training.split import Part


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What one backend said of one part of the split, and the measures of it."""

    scored: Scored
    evaluation: Evaluation

    @property
    def waste(self) -> WasteScores:
        """Measures over photos of waste; every measured part has some."""
        if self.evaluation.waste is None:
            raise DataError("the part holds no photo of waste")
        return self.evaluation.waste

    @property
    def not_waste(self) -> NotWasteScores:
        """Measures over photos of no waste; only the test part has some."""
        if self.evaluation.not_waste is None:
            raise DataError("the part holds no photo without waste")
        return self.evaluation.not_waste


def open_reference(weights: Path, name: str) -> Backend:
    """The reference that other backends are compared with: torch on the CPU in fp32, also where there is a card.

    Raises:
        WeightsError: the weights cannot be used.

    """
    manifest, folder = load_manifest(weights, name)
    roles: tuple[Role, ...] = ("torch",)
    files = verify_files(manifest, folder, roles)
    [state] = [content for path, content in files.items() if path.endswith(".safetensors")]
    return TorchBackend(state, architecture=manifest.architecture, side=manifest.input_side, device="cpu")


def open_int8(weights: Path, name: str) -> Backend:
    """The OpenVINO network of the weights.

    Raises:
        WeightsError: the weights cannot be used.

    """
    return open_backend(*load_manifest(weights, name), "openvino")


def score_part(weights: Path, name: str, backend: Backend, split: Path, root: Path, part: Part) -> Scores:
    """Score a part of the split through the product's own path, from bytes to decision.

    Raises:
        WeightsError: the manifest cannot be read.
        DataError: the split is faulty.

    """
    limits = DecodeLimits()
    classifier = Classifier(backend, load_manifest(weights, name)[0], limits)
    samples = photos_of_split(split, part, root).samples
    scored, unreadable = score_photos(samples, root, predict_with(classifier), max_bytes=limits.max_bytes)
    return Scores(scored, evaluate(scored, unreadable))


def agreement(one: Scored, other: Scored) -> float:
    """Share of the waste photos whose top-1 label is the same on two backends."""
    return float(np.mean((one.predicted == other.predicted)[one.is_waste]))


def accuracy_at(scores: WasteScores, coverage: float) -> float:
    """Accuracy over the surest share of the photos."""
    value = scores.curve.accuracy_at(coverage)
    return float("nan") if value is None else value


def measure(
    weights: Path, name: str, split: Path, root: Path, report: Callable[[str], None] = print
) -> dict[str, float | str]:
    """Every figure that the manifest and the model card state, rounded to four places.

    The keys say what they are; "reference" is torch in fp32 on the same fp16 weights.
    """
    int8 = open_int8(weights, name)
    report("int8 on the test split")
    test = score_part(weights, name, int8, split, root, Part.TEST)
    report("int8 on strangers' photos")
    strangers = score_part(weights, name, int8, split, root, Part.STRANGERS)
    report("torch fp32 on the test split")
    reference = score_part(weights, name, open_reference(weights, name), split, root, Part.TEST)
    decisions = test.waste.decisions
    exact: dict[str, float | None] = {
        "test_photos": float(len(test.scored.samples)),
        "test_top1": test.waste.accuracy_one_label.value,
        "test_top1_or_set": test.waste.accuracy.value,
        "test_macro_f1": test.waste.macro_f1_labels.value,
        "test_ece": test.waste.reliability.ece,
        "test_accuracy_at_90_coverage": accuracy_at(test.waste, COVERAGE_GOAL),
        "test_coverage_at_98_accuracy": test.waste.curve.coverage_at(ACCURACY_GOAL),
        "test_answered": decisions.answered.value,
        "test_answered_right": decisions.answered_right.value,
        "test_asked_with_truth": decisions.asked_with_truth.value,
        "test_taken_for_no_waste": decisions.refused.value,
        "test_battery_warned": test.waste.hazard_recall.value,
        "test_battery_false_alarms": test.waste.hazard_false_alarms.value,
        "nonwaste_auroc": test.not_waste.auroc.value,
        "nonwaste_refused": test.not_waste.refused.value,
        "strangers_photos": float(len(strangers.scored.samples)),
        "strangers_top1": strangers.waste.accuracy.value,
        "strangers_macro_recall": strangers.waste.row_scores.macro_recall,
        "strangers_answered": strangers.waste.decisions.answered.value,
        "strangers_answered_right": strangers.waste.decisions.answered_right.value,
        "strangers_taken_for_no_waste": strangers.waste.decisions.refused.value,
        "strangers_battery_warned": strangers.waste.hazard_recall.value,
        "strangers_battery_false_alarms": strangers.waste.hazard_false_alarms.value,
        "strangers_ece": strangers.waste.reliability.ece,
        "reference_test_top1": reference.waste.accuracy_one_label.value,
        "backends_agree": agreement(test.scored, reference.scored),
    }
    for source in test.evaluation.sources:
        exact[f"test_top1_{source.source}"] = source.accuracy.value
    for source in strangers.evaluation.sources:
        exact[f"strangers_top1_{source.source}"] = source.accuracy.value
    hits = right(strangers.scored.predicted, strangers.scored.truth)
    for label in sorted({sample.row for sample in strangers.scored.samples}):
        chosen = np.array([sample.row == label for sample in strangers.scored.samples])
        exact[f"strangers_recall_{label}"] = float(hits[chosen].mean())
    return {key: round(float(value), 4) for key, value in exact.items() if value is not None}
