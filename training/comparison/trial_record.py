"""What one training is asked to do, and what came of it: the files ``trial.json`` and ``result.json``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from training.classifier_recipe import Optimiser, Schedule
from training.comparison.architectures import Init, Name
from training.comparison.faults import Fault
from training.comparison.section import first_faults
from training.comparison.views import Augmentation
from training.data_recipe import DataError

ASKED: Final = "trial.json"
RESULT: Final = "result.json"


class Trial(BaseModel):
    """Everything that decides what a training learns. Equal trials on one machine give equal results.

    Attributes:
        setting: of the recipe, or "search".
        side: at which the network sees pictures, in pixels.
        data_key: of the pictures, labels and parts.

    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: Name
    setting: str
    init: Init
    fault: Fault = "none"
    side: int
    seed: int
    batch: int
    optimiser: Optimiser
    schedule: Schedule
    augmentation: Augmentation
    smoothing: float
    to_near: float
    near: tuple[tuple[str, str], ...] = ()
    ema: float
    mirror_test: bool
    data_key: str


class Epoch(BaseModel):
    """One row of the curves.

    Attributes:
        epoch: counted from 1.
        lr: of its last step.
        train_loss, train_accuracy: mean over its steps, of the augmented views.
        val_loss: cross-entropy in nats, of the network that is judged.
        seconds: of wall time, validation included.

    """

    model_config = ConfigDict(frozen=True)

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float

    @property
    def merit(self) -> tuple[float, float]:
        """What checkpoints and rates are chosen by: validation accuracy, then validation loss."""
        return self.val_accuracy, -self.val_loss


class TrialResult(BaseModel):
    """What a finished training was like.

    Attributes:
        curves: a row for each epoch that was trained.
        best_epoch: whose weights were kept; 0 where none was.
        test_predicted: columns, in the order of the split file; empty where the test part was not looked at.
        columns: of the network's answers.
        parameters: that the network has, in numbers.
        without_gradient: names of parameters that the first step's loss does not hang on.
        peak_bytes: memory: of the card where there is one, else of the process; None where it is not told.
        failure: why it ended early.

    """

    model_config = ConfigDict(frozen=True)

    trial: Trial
    curves: tuple[Epoch, ...]
    best_epoch: int
    test_predicted: tuple[int, ...] = ()
    columns: int
    parameters: int
    without_gradient: tuple[str, ...] = ()
    peak_bytes: int | None = None
    device: str
    failure: str | None = None

    @property
    def best(self) -> Epoch | None:
        """The epoch whose weights were kept."""
        return self.curves[self.best_epoch - 1] if self.best_epoch else None

    @property
    def seconds(self) -> float:
        """Wall time of all epochs, however often they were interrupted."""
        return sum(each.seconds for each in self.curves)


@contextmanager
def made_whole(file: Path) -> Iterator[Path]:
    """Where to write a file that is to be there completely, or not at all."""
    # Several processes may share a run's folder, each with architectures of its own.
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    yield part
    part.replace(file)


def write_whole(file: Path, text: str) -> None:
    """Write a file that is there completely, or not at all."""
    with made_whole(file) as part:
        part.write_text(text, "utf-8")


def read_result(folder: Path) -> TrialResult | None:
    """The result of the trial in this folder; None where it is not finished.

    Raises:
        DataError: the file is damaged.

    """
    file = folder / RESULT
    if not file.is_file():
        return None
    try:
        return TrialResult.model_validate_json(file.read_text("utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        told = first_faults(error) if isinstance(error, ValidationError) else str(error)
        raise DataError(f"{file}: damaged ({told}); delete its folder to train that trial again") from error


def claim(folder: Path, trial: Trial) -> None:
    """Note in a folder which trial it belongs to.

    Raises:
        DataError: it belongs to another one.

    """
    folder.mkdir(parents=True, exist_ok=True)
    file, asked = folder / ASKED, trial.model_dump_json(indent=1) + "\n"
    if file.is_file() and file.read_text("utf-8") != asked:
        raise DataError(f"{file}: this trial began with other settings; use --fresh or another --out")
    write_whole(file, asked)
