"""The temperature and the thresholds of a classifier, from its answers on the validation split."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from inference.decision import calibrated
from inference.labels import LABELS, Label
from inference.manifest import Thresholds

_BATTERY: Final = LABELS.index(Label.BATTERY)

RIGHT_WHEN_ANSWERING: Final = 0.985
"""Share of answers that must be right on the validation split; a little above what is promised on the test."""

FEWEST_ANSWERED: Final = 0.90
"""The answer threshold never rises so far that fewer photos than this share are answered."""

WASTE_KEPT: Final = 0.99
"""Share of validation waste photos that must pass as waste."""

TRUTH_AMONG_CANDIDATES: Final = 0.97
"""Share of validation photos whose true label must be worth asking about."""

BATTERIES_WARNED: Final = 0.995
"""Share of validation battery photos for which the hazard must show."""

LEAST_SURE_ANSWER: Final = 0.55
"""Below this confidence Bunri asks, however well the validation split went: strangers' photos are harder."""

LEAST_LIKELY_CANDIDATE: Final = 0.02
"""Nobody is asked about a label less likely than this."""

HAZARD_MARGIN: Final = 3.0
"""The battery threshold is this much lower than what the validation batteries alone would allow: the some seventy
of them cannot show the rarest one in a hundred (rule of three), and a needless warning costs little."""

HAZARD_RANGE: Final = (0.02, 0.15)
"""Where the battery threshold stays whatever the validation split says: a missed battery can burn, but one
mislabelled photo among the few batteries there must not warn of everything."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledLogits:
    """Logits with what is known of each photo.

    Attributes:
        label_logits: (N, 12) float.
        waste_logits: (N,) float.
        masks: (N, 12) bool, the labels a photo may have; no True where it shows no waste.

    """

    label_logits: NDArray[np.float32]
    waste_logits: NDArray[np.float32]
    masks: NDArray[np.bool_]

    @property
    def waste(self) -> NDArray[np.bool_]:
        """(N,) bool: the photo shows waste."""
        return np.asarray(self.masks.any(axis=1))


def negative_log_likelihood(logits: NDArray[np.floating], masks: NDArray[np.bool_], temperature: float) -> float:
    """Mean -log probability of the photo's set of labels, in nats."""
    of_set = np.where(masks, calibrated(logits, temperature), 0.0).sum(axis=1)
    return float(-np.log(np.clip(of_set, 1e-12, None)).mean())


def fit_temperature(answers: LabelledLogits) -> float:
    """The temperature in [0.3, 5] with the lowest NLL on the waste photos (Guo et al. 2017)."""
    logits, masks = answers.label_logits[answers.waste], answers.masks[answers.waste]
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(logits, masks, float(np.exp(log_t))),
        bounds=(np.log(0.3), np.log(5.0)),
        method="bounded",
    )
    return float(np.exp(found.x))


def _answer_threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The lowest threshold above which at least RIGHT_WHEN_ANSWERING is right, within FEWEST_ANSWERED."""
    order = np.argsort(-confidence, kind="stable")
    share_right = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.nonzero(share_right >= RIGHT_WHEN_ANSWERING)[0]
    answered = max(int(good[-1]) + 1 if len(good) else 0, round(FEWEST_ANSWERED * len(order)))
    return max(LEAST_SURE_ANSWER, float(confidence[order[min(answered, len(order)) - 1]]))


def _reached_by(share: float, values: NDArray[np.float64]) -> float:
    """The highest threshold that at least this share of the values reaches."""
    return float(np.quantile(values, 1 - share, method="lower"))


def fit_thresholds(answers: LabelledLogits, temperature: float) -> Thresholds:
    """Where the decision changes; the constants above say what each threshold is to achieve.

    Args:
        answers: of the validation split, with waste and non-waste photos, batteries among them.
        temperature: from ``fit_temperature`` on the same answers.

    """
    waste = answers.waste
    p = calibrated(answers.label_logits[waste], temperature)
    masks = answers.masks[waste]
    right = masks[np.arange(len(p)), p.argmax(axis=1)]
    of_truth = np.where(masks, p, 0.0).max(axis=1)
    batteries = p[masks[:, _BATTERY] & (masks.sum(axis=1) == 1), _BATTERY]
    waste_scores = 1 / (1 + np.exp(-answers.waste_logits[waste].astype(np.float64)))
    return Thresholds(
        answer=_answer_threshold(p.max(axis=1), right),
        candidate=max(LEAST_LIKELY_CANDIDATE, _reached_by(TRUTH_AMONG_CANDIDATES, of_truth)),
        waste=_reached_by(WASTE_KEPT, waste_scores),
        hazard_battery=float(np.clip(_reached_by(BATTERIES_WARNED, batteries) / HAZARD_MARGIN, *HAZARD_RANGE)),
    )
