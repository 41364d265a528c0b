"""Logits -> calibrated probabilities -> what to do with them. Pure functions."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.answer import Decision, Hazard
from inference.labels import LABELS, Label
from inference.manifest import Thresholds

FEWEST_CANDIDATES: Final = 2
MOST_CANDIDATES: Final = 4

_BATTERY: Final = LABELS.index(Label.BATTERY)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about one photo; the fields are those of ``Classification``."""

    decision: Decision
    candidates: tuple[Label, ...]
    hazards: tuple[Hazard, ...]


def calibrated(label_logits: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Softmax of logits / temperature (temperature scaling, Guo et al. 2017), in float64.

    Args:
        label_logits: (..., 12), finite.
        temperature: > 0; 1 leaves the network's own probabilities.

    Returns:
        (..., 12) float64, each row in [0, 1] with sum 1.

    """
    scaled = label_logits.astype(np.float64) / temperature
    # The largest logit is subtracted so that exp cannot overflow.
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def sigmoid(logit: float) -> float:
    """1 / (1 + exp(-logit)) without overflow for any finite logit."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    power = math.exp(logit)
    return power / (1.0 + power)


def ranking(probabilities: NDArray[np.float64]) -> tuple[int, ...]:
    """Columns by falling probability; equal ones keep the order of ``LABELS``."""
    return tuple(int(column) for column in np.argsort(-probabilities, kind="stable"))


def _candidates(probabilities: NDArray[np.float64], threshold: float) -> tuple[Label, ...]:
    order = ranking(probabilities)
    worth_asking = sum(1 for column in order if probabilities[column] >= threshold)
    count = min(max(worth_asking, FEWEST_CANDIDATES), MOST_CANDIDATES)
    return tuple(LABELS[column] for column in order[:count])


def decide(probabilities: NDArray[np.float64], waste_score: float, thresholds: Thresholds) -> Verdict:
    """Decide what to tell the resident about one photo.

    The cases, in this order:

    1. battery at or above ``hazard_battery``: the hazard is named, whatever else is decided, also when
       battery is not the likeliest label and when the photo does not look like waste;
    2. waste score below ``waste``: not_waste, no candidates;
    3. likeliest label at or above ``answer``: answer, that label alone;
    4. else: ask, about the labels at or above ``candidate``, likeliest first, at least two and at most four.

    Args:
        probabilities: (12,) float64, calibrated, in the order of ``LABELS``.
        waste_score: probability in [0, 1] that the photo shows waste.
        thresholds: from the manifest of the weights that made the probabilities.

    """
    hazards = (Hazard.BATTERY,) if probabilities[_BATTERY] >= thresholds.hazard_battery else ()
    if waste_score < thresholds.waste:
        return Verdict(Decision.NOT_WASTE, (), hazards)
    best = ranking(probabilities)[0]
    if probabilities[best] >= thresholds.answer:
        return Verdict(Decision.ANSWER, (LABELS[best],), hazards)
    return Verdict(Decision.ASK, _candidates(probabilities, thresholds.candidate), hazards)
