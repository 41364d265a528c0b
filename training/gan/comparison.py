"""A generator as it is served, beside itself served otherwise and beside the baseline: the same measure for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from inference.classifier import Classifier
from inference.generation import PictureGenerator
from training.gan.evaluation import (
    GeneratorEvaluation,
    GeneratorFigures,
    baseline_pictures,
    served_pictures,
)
from training.gan.features import SECOND, PictureFeatures
from training.gan.pictures import RealPictures

SHORTER: Final = 0.8
"""The truncation beside a generator that is served without; beside one that is served with it stands none."""

SINGLE, TRUNCATION, BASELINE = "single", "truncation ", "baseline"
"""What the figures of the others begin with, before a slash; behind ``TRUNCATION`` stands the number."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was measured.

    Attributes:
        served: the generator as it is served.
        baseline: the baseline, where one was given.
        figures: of the served generator by name; of the others by "single/name", "truncation 0.8/name",
            "baseline/name".

    """

    served: GeneratorFigures
    baseline: GeneratorFigures | None
    figures: dict[str, float]


def compare_generator(
    generator: PictureGenerator,
    real: RealPictures,
    classifiers: Mapping[str, Classifier],
    *,
    per_label: int,
    variants: bool,
    baseline: Path | None,
    report: Callable[[str], None],
) -> Comparison:
    """Make ``per_label`` pictures of each label in each way, and measure them.

    Args:
        generator: as it is served.
        real: what its pictures are compared with.
        classifiers: of the product, by name; each says how many pictures it recognises.
        per_label: pictures of each label.
        variants: whether to measure the generator without a choice among candidates, and with other latents.
        baseline: a finished run of the baseline.
        report: told what is being done.

    Raises:
        DataError: a package of ImageNet weights is missing, or the baseline was not trained to its end.

    """
    report(f"looking at {len(real.train.labels)} training and {len(real.held_out.labels)} held-out pictures")
    evaluation = GeneratorEvaluation(real, classifiers, PictureFeatures(), PictureFeatures(name=SECOND))
    report(f"{per_label} pictures of each label, {generator.candidates} candidates, truncation {generator.truncation}")
    served = evaluation.of(*served_pictures(generator, per_label))
    figures = dict(served.figures)
    truncation = 1.0 if generator.truncation < 1 else SHORTER
    others = {
        SINGLE: replace(generator, candidates=1),
        f"{TRUNCATION}{truncation:g}": replace(generator, truncation=truncation),
    }
    for name, other in others.items() if variants else ():
        report(f"{name}: {other.candidates} candidates, truncation {other.truncation}")
        figures |= _named(name, evaluation.of(*served_pictures(other, per_label)))
    beside = None
    if baseline is not None:
        report(f"the baseline in {baseline}")
        beside = evaluation.of(*baseline_pictures(baseline, per_label))
        figures |= _named(BASELINE, beside)
        figures["kid_to_baseline"] = served.figures["kid"] / beside.figures["kid"]
    return Comparison(served, beside, figures)


def _named(name: str, found: GeneratorFigures) -> dict[str, float]:
    return {f"{name}/{key}": value for key, value in found.figures.items() if not key.startswith("recognised_real")}
