"""Suspected mislabels, as values; ``training.check.mislabels`` finds them."""

from dataclasses import dataclass

from training.photo import Photo


@dataclass(frozen=True, slots=True)
class Suspect:
    """A photo whose label looks wrong.

    Attributes:
        photo: which.
        given: its label.
        suggested: the label that the model finds likeliest.
        score: the probability that the model gives to the given label, in [0, 1]: the lower, the worse.

    """

    photo: Photo
    given: str
    suggested: str
    score: float


@dataclass(frozen=True, slots=True)
class Mislabels:
    """What the probe found.

    Attributes:
        suspects: the worst first.
        judged: photos that were looked at.
        agreement: share of them for which the model names the given label.
        left_out: labels with too few independent photos to judge, with their number.
        unsure: photos with several possible labels, which are not judged.

    """

    suspects: tuple[Suspect, ...]
    judged: int
    agreement: float
    left_out: dict[str, int]
    unsure: int
