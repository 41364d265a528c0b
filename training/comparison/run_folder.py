"""What lies in a run's folder, and reading it back: the report is made of nothing else."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import ValidationError

from training.comparison.architectures import Name
from training.comparison.latency import Latency
from training.comparison.notes import Notes
from training.comparison.plan import SEARCH
from training.comparison.recipe import TaskRecipe
from training.comparison.section import first_faults
from training.comparison.trial_record import TrialResult, read_result
from training.data_recipe import DataError
from training.split import Assigned, Part, read_split

TRIALS: Final = "trials"
NOTES: Final = "preparation.json"
RECIPE: Final = "recipe.yaml"
SPLIT: Final = "split.csv"


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A run as far as it is.

    Attributes:
        labels: sorted; their places are the networks' columns.
        rows: of the split file.
        test_labels: (N,) columns of the test part, in the order of the split file.
        searches, finals: results of finished trials, by architecture and folder.
        latencies: of the architectures that were measured.

    """

    recipe: TaskRecipe
    notes: Notes
    labels: tuple[str, ...]
    rows: tuple[Assigned, ...]
    test_labels: NDArray[np.int64]
    searches: tuple[TrialResult, ...]
    finals: tuple[TrialResult, ...]
    latencies: dict[Name, Latency]

    def of(self, architecture: Name, setting: str) -> list[TrialResult]:
        """The finished trainings of one row of the table, by seed."""
        own = [each for each in self.finals if each.trial.architecture == architecture]
        return sorted((each for each in own if each.trial.setting == setting), key=lambda each: each.trial.seed)


def read_run(folder: Path) -> Run:
    """Read a run's folder; what is not finished is left out.

    Raises:
        DataError: it is no run's folder, or a file in it is damaged.

    """
    try:
        recipe = TaskRecipe.model_validate(yaml.safe_load((folder / RECIPE).read_text("utf-8")))
        notes = Notes.model_validate_json((folder / NOTES).read_text("utf-8"))
        rows = tuple(read_split(folder / SPLIT))
    except OSError as error:
        raise DataError(f"{folder}: no run of bunri train compare ({error.strerror}: {error.filename})") from error
    except ValidationError as error:
        raise DataError(f"{folder}: {first_faults(error)}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{folder / RECIPE}: no YAML") from error
    labels = tuple(sorted({row.photo.labels[0] for row in rows}))
    column = {label: place for place, label in enumerate(labels)}
    test = [column[row.photo.labels[0]] for row in rows if row.part is Part.TEST]
    results, latencies = [], {}
    for name in recipe.architectures:
        own = folder / TRIALS / name
        results += [read_result(each) for each in sorted(own.iterdir()) if each.is_dir()] if own.is_dir() else []
        measured = _latency(own / "latency.json")
        if measured:
            latencies[name] = measured
    done = [result for result in results if result is not None]
    return Run(
        recipe=recipe,
        notes=notes,
        labels=labels,
        rows=rows,
        test_labels=np.array(test, dtype=np.int64),
        searches=tuple(result for result in done if result.trial.setting == SEARCH),
        finals=tuple(result for result in done if result.trial.setting != SEARCH),
        latencies=latencies,
    )


def _latency(file: Path) -> Latency | None:
    try:
        return Latency.model_validate(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError):
        return None
