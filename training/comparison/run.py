"""From raw data to the report, in one folder; what is done already is not done again."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray

from training.comparison.architectures import Name, build_network, check_side
from training.comparison.latency import latency_of
from training.comparison.parts import TaskData, make_task_split, record_split, task_data
from training.comparison.plan import final_trial, finals, is_searched, rung_folder, rung_trial, survivors
from training.comparison.preparation import prepare
from training.comparison.recipe import TaskRecipe
from training.comparison.report import REPORT, write_report
from training.comparison.run_folder import NOTES, RECIPE, SPLIT, TRIALS, check_same_recipe
from training.comparison.samples import list_samples
from training.comparison.trial import TrialData, TrialSettings, run_trial
from training.comparison.trial_record import write_whole
from training.data_recipe import DataError
from training.split import Part


@dataclass(frozen=True, slots=True)
class CompareSettings:
    """Where and how a comparison executes.

    Attributes:
        folder: of the run.
        cache: for prepared pictures.
        architectures: that are trained in this process; others keep what they have.
        workers: processes that prepare photos; 0 keeps the work in this one.
        checkpoint_seconds: at least so long between two checkpoints of a trial.

    """

    folder: Path
    cache: Path
    architectures: tuple[Name, ...]
    device: str = "cpu"
    workers: int = 0
    checkpoint_seconds: float = 120.0
    fresh: bool = False
    report: Callable[[str], None] = print


def compare_architectures(recipe: TaskRecipe, root: Path, settings: CompareSettings) -> Path:
    """Prepare, split, search, train, report.

    Returns:
        The path of the report.

    Raises:
        DataError: data or recipe are wrong, which is found before any training; or the folder holds another run.

    """
    listed = list_samples(root, recipe)
    settings.report(f"preparing {len(listed.photos)} photos")
    prepared = prepare(listed, recipe, settings.cache, settings.workers)
    rows = make_task_split(prepared, recipe)
    data = task_data(prepared, rows, recipe)
    _check_near(recipe, data.labels)
    _check_starts(recipe, settings.architectures, len(data.labels))
    settings.folder.mkdir(parents=True, exist_ok=True)
    if settings.fresh:
        _start_over(recipe, settings)
    check_same_recipe(settings.folder, recipe)
    record_split(settings.folder, rows, recipe)
    notes = prepared.notes.model_copy(update={"balanced": data.balanced})
    write_whole(settings.folder / NOTES, notes.model_dump_json(indent=1) + "\n")
    asked = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    write_whole(settings.folder / RECIPE, asked)
    for sentence in notes.sentences():
        settings.report(sentence)
    _train(recipe, data, settings)
    return write_report(settings.folder)


def _check_near(recipe: TaskRecipe, labels: Sequence[str]) -> None:
    named = {label for pair in recipe.near.pairs for label in pair} if recipe.near else set()
    if not named <= set(labels):
        raise DataError(f"near: no picture has the label {', '.join(sorted(named - set(labels)))}")


def _start_over(recipe: TaskRecipe, settings: CompareSettings) -> None:
    """Delete what was trained; of the architectures of this process alone, as others may be training theirs."""
    for name in settings.architectures:
        shutil.rmtree(settings.folder / TRIALS / name, ignore_errors=True)
    if set(settings.architectures) == set(recipe.architectures):
        shutil.rmtree(settings.folder / TRIALS, ignore_errors=True)
        for file in (SPLIT, RECIPE, REPORT, *(path.name for path in settings.folder.glob("*.png"))):
            (settings.folder / file).unlink(missing_ok=True)


def _check_starts(recipe: TaskRecipe, architectures: Sequence[Name], classes: int) -> None:
    """Look once beforehand at what would otherwise turn out hours later: sides, and weights that are not drawn."""
    for name in architectures:
        check_side(name, recipe.side_of(name))
    asked = {(each.architecture, each.setting.init or recipe.init) for each in finals(recipe, architectures)}
    for name, init in sorted(asked):
        if init != "scratch":
            build_network(name, classes, init, recipe.side_of(name))


def _train(recipe: TaskRecipe, data: TaskData, settings: CompareSettings) -> None:
    # Repeatable on a card too, as far as its libraries allow.
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    on_device = _on_device(data, settings.device)
    trials = settings.folder / TRIALS
    how = TrialSettings(settings.device, settings.checkpoint_seconds, settings.report)
    rates: dict[Name, float | None] = {}
    for name in settings.architectures:
        rates[name] = _search(recipe, name, data.key, on_device, trials, how)
        settings.report(f"{name}: rate {rates[name]:g}" if rates[name] else f"{name}: no rate worked")
        latency_of(name, len(data.labels), recipe.side_of(name), trials / name / "latency.json")
    for final in finals(recipe, settings.architectures):
        rate = rates[final.architecture]
        if rate is None and final.setting.lr == "searched":
            continue
        trial = final_trial(recipe, final, rate, data.key)
        run_trial(trial, on_device, trials / final.folder, how, test=True)


def _search(
    recipe: TaskRecipe, name: Name, key: str, data: TrialData, trials: Path, how: TrialSettings
) -> float | None:
    """The rate that does best on validation; None where none trains at all."""
    rates = list(recipe.rates_of(name))
    if not is_searched(recipe, name):
        return rates[0]
    for number, rung in enumerate(recipe.search.rungs, start=1):
        results = {
            rate: run_trial(
                rung_trial(recipe, name, rung, rate, key),
                data,
                trials / rung_folder(name, number, rate),
                how,
                test=False,
            )
            for rate in rates
        }
        rates = survivors(results, rung.keep)
    return rates[0] if rates else None


def _on_device(data: TaskData, device: str) -> TrialData:
    def tensor(values: NDArray[np.uint8] | NDArray[np.int64] | NDArray[np.float32]) -> torch.Tensor:
        return torch.from_numpy(values)

    train, val, test = (data.parts[part] for part in (Part.TRAIN, Part.VAL, Part.TEST))
    return TrialData(
        labels=data.labels,
        train=tensor(train.pixels).to(device),
        train_labels=tensor(train.labels).to(device),
        train_shares=tensor(train.shares),
        val=tensor(val.pixels).to(device),
        val_labels=tensor(val.labels),
        test=tensor(test.pixels).to(device),
    )
