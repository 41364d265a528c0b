"""Every photo through the model, one at a time, and what it said kept column by column.

The photos are streamed: of each only some thirty numbers are kept, never its bytes or its pixels.
"""

import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.answer import Decision, Hazard
from inference.classifier import Classifier
from inference.errors import DecodeError
from inference.labels import LABELS, Label
from training.labelled_photos import Sample
from training.metrics import Bools, Floats, Ints

NOT_FOUND: Final = "not_found"
UNREADABLE: Final = "unreadable"
"""The codes of a file that the disk did not give us, beside those of ``DecodeProblem``."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What the model said about one photo.

    Attributes:
        probabilities: (12,), calibrated, in the order of ``LABELS``.
        waste_score: probability in [0, 1] that the photo shows waste.
        decision: answer, ask or not_waste.
        candidates: the labels that are asked about, when the decision is ask.
        hazards: the dangers that are shown.

    """

    probabilities: Floats
    waste_score: float
    decision: Decision
    candidates: tuple[Label, ...]
    hazards: tuple[Hazard, ...]


Predict = Callable[[bytes], Prediction]
"""The bytes of a photo -> what the model says. Raises DecodeError when they are not an acceptable photo."""


def predict_with(classifier: Classifier) -> Predict:
    """The product's own path, from bytes to decision."""

    def predict(image: bytes) -> Prediction:
        seen = classifier.assess(image)
        verdict = seen.verdict
        return Prediction(seen.probabilities, seen.waste_score, verdict.decision, verdict.candidates, verdict.hazards)

    return predict


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A photo that could not be scored.

    Attributes:
        path: relative to the root.
        error: the value of a ``DecodeProblem``, ``NOT_FOUND`` or ``UNREADABLE``.
        detail: short technical text, may be empty.

    """

    path: str
    error: str
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What the model said about N photos, column by column, beside what is true of them.

    Attributes:
        samples: N.
        probabilities: (N, 12).
        waste_scores: (N,).
        decisions: (N,) of ``Decision`` values.
        asked_about: (N, 12), the labels that would be asked about; no label unless the decision is ask.
        battery_shown: (N,), whether the battery warning is shown.

    """

    samples: tuple[Sample, ...]
    probabilities: Floats
    waste_scores: Floats
    decisions: NDArray[np.str_]
    asked_about: Bools
    battery_shown: Bools

    def where(self, chosen: Bools) -> "Scored":
        """The photos that a (N,) mask chooses."""
        return Scored(
            tuple(self.samples[index] for index in np.flatnonzero(chosen)),
            self.probabilities[chosen],
            self.waste_scores[chosen],
            self.decisions[chosen],
            self.asked_about[chosen],
            self.battery_shown[chosen],
        )

    @property
    def predicted(self) -> Ints:
        """(N,) top-1 columns."""
        columns: Ints = self.probabilities.argmax(axis=1)
        return columns

    @property
    def truth(self) -> Bools:
        """(N, 12) the sets of true labels; an empty row for a photo that shows no waste."""
        names = [label.value for label in LABELS]
        rows = [[name in sample.photo.labels for name in names] for sample in self.samples]
        return np.array(rows, dtype=np.bool_).reshape(len(self.samples), len(LABELS))

    @property
    def is_waste(self) -> Bools:
        """(N,)."""
        return np.array([sample.photo.is_waste for sample in self.samples], dtype=np.bool_)

    def decided(self, decision: Decision) -> Bools:
        """(N,) which photos were decided so."""
        chosen: Bools = self.decisions == decision.value
        return chosen


def _read(path: Path, max_bytes: int) -> bytes:
    # A pipe or a device would block or never end.
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("not a regular file")
    with path.open("rb") as stream:
        # One byte over the cap is enough for the decoder to refuse it by its size.
        return stream.read(max_bytes + 1)


def _score(path: Path, predict: Predict, max_bytes: int) -> Prediction | tuple[str, str]:
    try:
        image = _read(path, max_bytes)
    except FileNotFoundError:
        return NOT_FOUND, ""
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte, from a split file
        return UNREADABLE, (error.strerror if isinstance(error, OSError) else None) or str(error)
    try:
        return predict(image)
    except DecodeError as error:
        return error.problem.value, error.detail


def score_photos(
    samples: Iterable[Sample], root: Path, predict: Predict, *, max_bytes: int
) -> tuple[Scored, tuple[Unreadable, ...]]:
    """Put every photo through the model, one at a time.

    Args:
        samples: what to score; an iterator that shows progress will do.
        root: what the paths are relative to.
        predict: see ``Predict``.
        max_bytes: the decoder's cap; no more of a file is read into memory.

    """
    scored: list[Sample] = []
    predictions: list[Prediction] = []
    unreadable: list[Unreadable] = []
    for sample in samples:
        outcome = _score(root / sample.photo.path, predict, max_bytes)
        if isinstance(outcome, Prediction):
            scored.append(sample)
            predictions.append(outcome)
        else:
            unreadable.append(Unreadable(sample.photo.path, *outcome))
    return _columns(scored, predictions), tuple(unreadable)


def _columns(samples: list[Sample], predictions: list[Prediction]) -> Scored:
    shape = (len(samples), len(LABELS))
    asked = [[p.decision is Decision.ASK and label in p.candidates for label in LABELS] for p in predictions]
    return Scored(
        tuple(samples),
        np.array([p.probabilities for p in predictions], dtype=np.float64).reshape(shape),
        np.array([p.waste_score for p in predictions], dtype=np.float64),
        np.array([p.decision.value for p in predictions], dtype=np.str_),
        np.array(asked, dtype=np.bool_).reshape(shape),
        np.array([Hazard.BATTERY in p.hazards for p in predictions], dtype=np.bool_),
    )
