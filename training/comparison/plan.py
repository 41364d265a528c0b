"""Which trainings a recipe asks for, and what follows from their results. Values in, values out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from training.classifier_recipe import Schedule
from training.comparison.architectures import Name
from training.comparison.recipe import Rung, Setting, TaskRecipe
from training.comparison.trial_record import Trial, TrialResult

SEARCH: Final = "search"


@dataclass(frozen=True, slots=True)
class FinalTrial:
    """A training to the end: one row of the table has one for each seed."""

    architecture: Name
    setting: Setting
    seed: int

    @property
    def folder(self) -> str:
        """Of the trial, below the run's folder of trials."""
        return f"{self.architecture}/{self.setting.name}-seed{self.seed}"


def rung_folder(architecture: Name, rung: int, rate: float) -> str:
    """Of a trial of the search, below the run's folder of trials; rungs count from 1."""
    return f"{architecture}/{SEARCH}{rung}-{rate:g}"


def rung_trial(recipe: TaskRecipe, architecture: Name, rung: Rung, rate: float, data_key: str) -> Trial:
    """A short training with one rate: a cosine over the rung's epochs."""
    schedule = Schedule(name="cosine", epochs=rung.epochs, warmup=recipe.search.warmup)
    setting = Setting(name=SEARCH, schedule=schedule)
    return _trial(recipe, architecture, setting, schedule, rate, recipe.seeds[0], data_key)


def final_trial(recipe: TaskRecipe, final: FinalTrial, searched: float | None, data_key: str) -> Trial:
    """A training to the end.

    Args:
        recipe: the task's.
        final: which.
        searched: the rate that the search found; not looked at where the setting has its own.
        data_key: of the data.

    """
    rate = searched if final.setting.lr == "searched" else final.setting.lr
    assert rate is not None, "a searched rate is there before it is used"
    schedule = recipe.schedule_of(final.architecture, final.setting)
    return _trial(recipe, final.architecture, final.setting, schedule, rate, final.seed, data_key)


def _trial(
    recipe: TaskRecipe,
    architecture: Name,
    setting: Setting,
    schedule: Schedule,
    rate: float,
    seed: int,
    data_key: str,
) -> Trial:
    return Trial(
        architecture=architecture,
        setting=setting.name,
        init=setting.init or recipe.init,
        fault=setting.fault,
        side=recipe.side_of(architecture),
        seed=seed,
        batch=recipe.batch,
        optimiser=recipe.optimiser_of(architecture, setting.optimiser, rate),
        schedule=schedule,
        augmentation=recipe.augmentation,
        smoothing=recipe.smoothing,
        to_near=recipe.to_near,
        near=recipe.near.pairs if recipe.near else (),
        ema=recipe.ema,
        mirror_test=recipe.mirror_test,
        data_key=data_key,
    )


def is_searched(recipe: TaskRecipe, architecture: Name) -> bool:
    """Whether there is more than one rate to choose from, and a setting that takes the choice."""
    own = [each for each in recipe.settings if each.architectures is None or architecture in each.architectures]
    return len(recipe.rates_of(architecture)) > 1 and any(each.lr == "searched" for each in own)


def survivors(results: Mapping[float, TrialResult], keep: int) -> list[float]:
    """The best rates by validation, best first; one that failed does not survive."""
    merits = {rate: result.best.merit for rate, result in results.items() if result.best and not result.failure}
    return sorted(merits, key=lambda rate: merits[rate], reverse=True)[:keep]


def finals(recipe: TaskRecipe, architectures: Sequence[Name]) -> Iterator[FinalTrial]:
    """All trainings to the end, so ordered that an early stop leaves a table of all architectures.

    One seed after the other; within a seed the settings in the recipe's order, each for all architectures.
    """
    for place, seed in enumerate(recipe.seeds):
        for setting in recipe.settings:
            if setting.seeds is not None and place >= setting.seeds:
                continue
            for architecture in architectures:
                if setting.architectures is None or architecture in setting.architectures:
                    yield FinalTrial(architecture, setting, seed)


def epochs_asked(recipe: TaskRecipe, architecture: Name) -> tuple[float, float]:
    """Epochs of the search and of the finals for one architecture: the budget."""
    left, search = len(recipe.rates_of(architecture)), 0.0
    for rung in recipe.search.rungs if is_searched(recipe, architecture) else ():
        search += left * rung.epochs
        left = min(left, rung.keep)
    return search, sum(recipe.schedule_of(architecture, each.setting).epochs for each in finals(recipe, [architecture]))
