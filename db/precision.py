"""How often the model was right, class by class, on photos that people labelled again: not on the training split."""

import math
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, case, func, select

from db.counting_labels import COUNTS, REJECTS
from db.tables import LABELS

_Z: Final = 1.959964
"""Of the normal distribution: 95 of 100 lie within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class ClassPrecision:
    """Of the relabelled photos that a model called by this label, how many are of it.

    Attributes:
        model: name and version of the network.
        label: what it said.
        photos: how many of these were relabelled.
        right: how many of them are of that label.
        random: how many were drawn at random. The others were chosen because the model was unsure or was said to be
            wrong: on them it is worse than on the photos of a day.
        random_right: how many of the random ones are of that label.

    """

    model: str
    label: str
    photos: int
    right: int
    random: int
    random_right: int

    @property
    def precision(self) -> float:
        """Right of all, 0 to 1."""
        return self.right / self.photos

    @property
    def random_precision(self) -> float | None:
        """Right of the random ones, 0 to 1: the figure to believe; None where none was drawn at random."""
        return self.random_right / self.random if self.random else None

    @property
    def random_interval(self) -> tuple[float, float] | None:
        """Where it lies with 95 % confidence."""
        return wilson_interval(self.random_right, self.random) if self.random else None

    def plain(self) -> dict[str, Any]:
        """As ``json.dumps`` takes it."""
        return {
            "model": self.model,
            "label": self.label,
            "photos": self.photos,
            "right": self.right,
            "precision": self.precision,
            "random": self.random,
            "random_right": self.random_right,
            "random_precision": self.random_precision,
            "random_interval": self.random_interval,
        }


def wilson_interval(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), within 0 to 1. ``of`` is 1 or more."""
    share = right / of
    middle = share + _Z * _Z / (2 * of)
    width = _Z * math.sqrt(share * (1 - share) / of + _Z * _Z / (4 * of * of))
    scale = 1 + _Z * _Z / of
    return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)


def precision_in(connection: Connection) -> tuple[ClassPrecision, ...]:
    """Of each model and label, by the newest label of each photo that is of use, read in this transaction."""
    rejected = select(LABELS.c.photo_id).where(*REJECTS)
    newest = (
        select(func.max(LABELS.c.id)).where(*COUNTS, LABELS.c.photo_id.not_in(rejected)).group_by(LABELS.c.photo_id)
    )
    wanted = LABELS.c.id.in_(newest)
    right = case((LABELS.c.predicted == LABELS.c.label, 1), else_=0)
    drawn = case((LABELS.c.is_random, 1), else_=0)
    rows = connection.execute(
        select(
            LABELS.c.model,
            LABELS.c.predicted,
            func.count(),
            func.sum(right),
            func.sum(drawn),
            func.sum(right * drawn),
        )
        .where(wanted, LABELS.c.predicted.is_not(None))
        .group_by(LABELS.c.model, LABELS.c.predicted)
        .order_by(LABELS.c.model, LABELS.c.predicted)
    )
    return tuple(
        ClassPrecision(str(model), str(label), int(photos), int(hits), int(random), int(random_hits))
        for model, label, photos, hits, random, random_hits in rows
    )
