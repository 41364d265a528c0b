"""Real photos, dealt out: what residents send, what a small split has, what is on the street. None of them twice."""

import csv
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inference.labels import LABELS
from tests.conftest import SHARED_DATA
from training.photo import NONWASTE, Photo
from training.split import Assigned, Part, write_split

_WASTE: Final = SHARED_DATA / "waste" / "garbage-v2"
_STRANGERS: Final = SHARED_DATA / "waste" / "wild" / "diplo"
_NO_WASTE: Final = SHARED_DATA / "nonwaste"

_A_LABEL: Final = {Part.TRAIN: 4, Part.VAL: 2, Part.TEST: 2}
_NO_WASTE_A_PART: Final = 4
_STRANGERS_A_LABEL: Final = 1
ON_THE_STREET: Final = 10
"""A label: fewer are too few for a promotion to judge by."""

RECIPE: Final = """\
name: grown
architecture: efficientnet_lite0
init: package
side: 64
batch: 16
optimiser: {name: adamw, lr: 1.0e-4, frozen_blocks: 14}
schedule: {name: cosine, epochs: 1}
"""


class RealPhotos:
    """A pile for each label, shuffled the same way each time, from which photos are taken one by one."""

    def __init__(self) -> None:
        colours = _colours()
        self._piles: dict[str, Iterator[Path]] = {}
        for label in map(str, LABELS):
            files = colours[label] if label in colours else sorted((_WASTE / label).iterdir())
            self._piles[label] = _shuffled(files)
        self._no_waste = _shuffled(sorted(_NO_WASTE.iterdir()))

    def take(self, label: str) -> Path:
        """The next photo of a label."""
        return next(self._piles[label])

    def write_split(self, file: Path) -> None:
        """A small split; its paths are relative to ``SHARED_DATA``."""
        found = [
            (part, label, self.take(label))
            for part, count in _A_LABEL.items()
            for label in self._piles
            for _ in range(count)
        ]
        found += [(part, NONWASTE, next(self._no_waste)) for part in _A_LABEL for _ in range(_NO_WASTE_A_PART)]
        for folder in sorted(_STRANGERS.iterdir()):
            strange = sorted(folder.iterdir())[:_STRANGERS_A_LABEL]
            found += [(Part.STRANGERS, folder.name, each) for each in strange]
        rows = []
        for group, (part, label, path) in enumerate(found):
            relative = path.relative_to(SHARED_DATA).as_posix()
            rows.append(Assigned(Photo(relative, (label,), path.parent.name), part, group))
        write_split(file, rows)

    def write_street(self, folder: Path) -> None:
        """``folder/<label>/*``: photos that no model was trained on."""
        for label in self._piles:
            (folder / label).mkdir(parents=True)
            for _ in range(ON_THE_STREET):
                shutil.copy(self.take(label), folder / label)


def _colours() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    with (SHARED_DATA / "waste" / "glass_colour.csv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            found.setdefault(row["label"], []).append(_WASTE / "glass" / row["file"])
    return found


def _shuffled(files: list[Path]) -> Iterator[Path]:
    random.Random(7).shuffle(files)
    return iter(files)
