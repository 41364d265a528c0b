"""The values that inference hands out: what it saw, how sure it is, and what it decided."""

from dataclasses import dataclass
from enum import StrEnum

from inference.labels import Label


class Decision(StrEnum):
    """What to do with the probabilities."""

    ANSWER = "answer"
    ASK = "ask"
    NOT_WASTE = "not_waste"


class Hazard(StrEnum):
    """A danger that must be shown first, even when its label is not the likeliest."""

    BATTERY = "battery"


class Notice(StrEnum):
    """Something about the picture that the resident should know."""

    FIRST_FRAME_ONLY = "first_frame_only"
    LOW_RESOLUTION = "low_resolution"


@dataclass(frozen=True, slots=True)
class LabelProbability:
    """A label and its calibrated probability in [0, 1]."""

    label: Label
    p: float


@dataclass(frozen=True, slots=True)
class Classification:
    """The answer to one photo.

    Attributes:
        label: the likeliest label.
        confidence: its calibrated probability, in [0, 1].
        top: the labels by falling probability, at least the first three.
        decision: answer, ask or not_waste.
        candidates: the labels worth asking about when ``decision`` is ask, likeliest first;
            only ``label`` when it is answer; empty when it is not_waste.
        hazards: dangers to show first.
        waste_score: calibrated probability, in [0, 1], that the photo shows waste at all.
        model: name and version of the weights, as in their manifest.
        notices: remarks on the picture itself.
        fingerprint: of the picture, see ``inference.fingerprint``; "" where none was made.

    """

    label: Label
    confidence: float
    top: tuple[LabelProbability, ...]
    decision: Decision
    candidates: tuple[Label, ...]
    hazards: tuple[Hazard, ...]
    waste_score: float
    model: str
    notices: tuple[Notice, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A generated picture, marked as such.

    Attributes:
        png: a PNG file; says in its pixels and in its metadata that AI made it.
        label: what it should show.
        seed: makes it again on the same model and backend.
        model: name and version of the generator's weights.
        fingerprint: by which it is known again, see ``inference.fingerprint``.

    """

    png: bytes
    label: Label
    seed: int
    model: str
    fingerprint: str
