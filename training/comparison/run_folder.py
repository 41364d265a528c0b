"""What lies in a run's folder, and reading it back: the report is made of nothing else."""

import json
from collections.abc import Sequence
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
from training.comparison.plan import SEARCH, finals, is_searched
from training.comparison.recipe import TaskRecipe
from training.comparison.section import first_faults
from training.comparison.trial_record import TrialResult, read_result
from training.data_recipe import DataError
from training.split import Assigned, Part, read_split

TRIALS: Final = "trials"
NOTES: Final = "preparation.json"
RECIPE: Final = "recipe.yaml"
SPLIT: Final = "split.csv"


# What all rows of a table share. Settings and what architectures need otherwise may be added to a run.
_SHARED: Final = (
    "photos", "labels", "steps", "split", "near", "init", "batch", "weight_decay", "clip_norm", "smoothing", "to_near",
    "ema", "mirror_test", "augmentation",
)  # fmt: skip
_SHARED_BY_TRIALS: Final = ("batch", "augmentation", "smoothing", "to_near", "ema", "mirror_test")


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
    done = [result for result in results if result is not None and _is_asked(recipe, result)]
    _check_alike(folder, recipe, done, len(test))
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


def check_same_recipe(folder: Path, recipe: TaskRecipe) -> None:
    """Whether a run's folder may be gone on with.

    Raises:
        DataError: it was begun with a recipe that differs in what all rows of its table share.

    """
    file = folder / RECIPE
    if not file.is_file():
        return
    try:
        before = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: no YAML") from error
    now = recipe.model_dump(mode="json")
    changed = [key for key in _SHARED if not isinstance(before, dict) or before.get(key, now[key]) != now[key]]
    if changed:
        raise DataError(f"{file}: this run began with another {', '.join(changed)}; use --fresh or another --out")


def _is_asked(recipe: TaskRecipe, result: TrialResult) -> bool:
    """Whether the recipe still asks for this training."""
    trial = result.trial
    if trial.setting == SEARCH:
        is_rung = trial.schedule.epochs in {rung.epochs for rung in recipe.search.rungs}
        is_rate = trial.optimiser.lr in recipe.rates_of(trial.architecture)
        return is_searched(recipe, trial.architecture) and is_rung and is_rate
    asked = finals(recipe, [trial.architecture])
    return (trial.setting, trial.seed) in {(each.setting.name, each.seed) for each in asked}


def _check_alike(folder: Path, recipe: TaskRecipe, results: Sequence[TrialResult], tested: int) -> None:
    for result in results:
        trial = result.trial
        where = f"{folder / TRIALS / trial.architecture}: {trial.setting}, seed {trial.seed}"
        other = [key for key in _SHARED_BY_TRIALS if getattr(trial, key) != getattr(recipe, key)]
        if trial.data_key != results[0].trial.data_key:
            other.append("data")
        if other:
            raise DataError(f"{where}: was trained with another {', '.join(other)} than the rest; use --fresh")
        if result.test_predicted and len(result.test_predicted) != tested:
            raise DataError(f"{where}: answers {len(result.test_predicted)} test pictures, not {tested}; use --fresh")


def _latency(file: Path) -> Latency | None:
    try:
        return Latency.model_validate(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError):
        return None
