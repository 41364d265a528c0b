"""A task recipe: everything that decides a comparison, in one file. Nothing in it knows of waste."""

import re
from typing import Annotated, Final, Literal, Self

import yaml
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from training.classifier_recipe import Optimiser, Schedule
from training.comparison.architectures import COMPARED, PACKAGED, Init, Name
from training.comparison.balance import Balance
from training.comparison.crop_to_boxes import CropToBoxes
from training.comparison.detect_and_crop_face import DetectAndCropFace
from training.comparison.faults import Fault
from training.comparison.labels import LabelRule
from training.comparison.resize_keep_aspect import ResizeKeepAspect
from training.comparison.section import RECIPES, Section, first_faults
from training.comparison.views import Augmentation
from training.data_recipe import DataError
from training.recipe_file import recipe_path

Step = Annotated[CropToBoxes | DetectAndCropFace | ResizeKeepAspect | Balance, Field(discriminator="step")]

Metric = Literal["accuracy", "macro_recall", "macro_f1"]

_ORDER: Final = ("crop_to_boxes", "detect_and_crop_face", "resize_keep_aspect", "balance")


class Photos(Section):
    """Where they are, below the data root; ``annotations`` is a file in the same folder, see ``annotations.py``."""

    folder: str
    pattern: str = Field(default="*", pattern=r"^[^/]")
    annotations: str | None = None


class SplitRule(Section):
    """Shares of the photos; ``distance``: bits of 64 within which photos are near-duplicates and stay together."""

    val: float = Field(default=0.1, gt=0, lt=0.5)
    test: float = Field(default=0.2, gt=0, lt=0.5)
    distance: int = Field(default=4, ge=0, le=16)
    seed: int = 0


class Near(Section):
    """Errors that are counted apart: ``pairs`` of labels that are nearly each other, and a group of labels each.

    ``group``: a pattern whose first group, in a label, is what ``name`` calls it; errors are counted by it.
    """

    name: str
    group: str
    pairs: tuple[tuple[str, str], ...]

    @field_validator("group")
    @classmethod
    def _has_a_group(cls, group: str) -> str:
        try:
            groups = re.compile(group).groups
        except re.error as error:
            raise ValueError(f"no pattern ({error})") from error
        if not groups:
            raise ValueError("a pattern with a group, in parentheses")
        return group


def _each_once(rates: tuple[float, ...]) -> tuple[float, ...]:
    if len(set(rates)) != len(rates):
        raise ValueError("each rate once")
    return rates


Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Rates = Annotated[tuple[Rate, ...], Field(min_length=1), AfterValidator(_each_once)]


class Rung(Section):
    """Every rate that is left trains for so many epochs; the ``keep`` best on validation stay."""

    epochs: int = Field(gt=0)
    keep: int = Field(gt=0)


class Search(Section):
    """Successive halving (Jamieson & Talwalkar 2016) over rates; one rung is a grid. Validation decides alone."""

    rates: Rates
    rungs: tuple[Rung, ...] = Field(min_length=1)
    warmup: float = Field(default=0.1, ge=0, lt=1)


class Setting(Section):
    """One way to train all architectures to the end; a row of the table for each of them.

    Attributes:
        role: ``ours`` competes on validation; ``predecessor`` shows what the former comparison did; ``beside`` shows
            what something else would be worth, and competes with nothing.
        init: the recipe's when None; another start is for a setting that does not compete.
        lr: ``searched``, or one rate that all architectures share.
        architectures: that are trained so; all of them when None.
        seeds: so many of the recipe's seeds, the first ones; all of them when None.

    """

    name: str = Field(pattern=r"^[a-z0-9_-]+$")
    role: Literal["ours", "predecessor", "beside"] = "ours"
    init: Init | None = None
    schedule: Schedule
    optimiser: Literal["adamw", "sgd"] = "adamw"
    lr: Rate | Literal["searched"] = "searched"
    fault: Fault = "none"
    architectures: tuple[Name, ...] | None = None
    seeds: int | None = Field(default=None, gt=0)


class Own(Section):
    """What one architecture needs otherwise; ``epochs`` are those of our settings, where time is short."""

    side: int | None = Field(default=None, ge=32, le=512)
    rates: Rates | None = None
    weight_decay: float | None = None
    epochs: int | None = Field(default=None, gt=0)


class TaskRecipe(Section):
    """One task, its data, and how architectures are compared on it."""

    name: str = Field(pattern=r"^[a-z0-9_-]+$")
    title: str
    photos: Photos
    labels: LabelRule
    steps: tuple[Step, ...]
    split: SplitRule = SplitRule()
    metrics: tuple[Metric, ...] = ("accuracy", "macro_f1")
    near: Near | None = None
    architectures: tuple[Name, ...] = COMPARED
    own: dict[Name, Own] = Field(default={}, description="by architecture")
    init: Literal["scratch", "imagenet"] = "scratch"
    seeds: tuple[int, ...] = Field(default=(0,), min_length=1)
    batch: int = Field(default=32, ge=2)
    weight_decay: float = Field(default=0.05, ge=0)
    clip_norm: float = Field(default=1.0, gt=0)
    smoothing: float = Field(default=0.0, ge=0, lt=1)
    to_near: float = Field(default=0.0, ge=0, lt=1, description="share of the target that near labels get")
    ema: float = Field(default=0.0, ge=0, lt=1, description="the network that is judged is an average of its weights")
    mirror_test: bool = Field(default=False, description="answers are the mean over the picture and its mirror image")
    augmentation: Augmentation = Augmentation()
    search: Search
    settings: tuple[Setting, ...] = Field(min_length=1)
    explain: Name | None = Field(default=None, description="the architecture whose failure the report explains")
    budget: str = Field(default="not stated", description="what a whole run takes, and where that was measured")

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        names = [each.step for each in self.steps]
        if names != sorted(set(names), key=_ORDER.index) or "resize_keep_aspect" not in names:
            raise ValueError(
                f"steps: each at most once, in the order {', '.join(_ORDER)}; resize_keep_aspect is needed"
            )
        if self.photos.annotations is None and ("crop_to_boxes" in names or self.labels.by == "annotations"):
            raise ValueError("photos: annotations are needed for crop_to_boxes and for labels from them")
        return self

    @model_validator(mode="after")
    def _settings_fit(self) -> Self:
        names = [each.name for each in self.settings]
        if len(set(names)) != len(names) or not any(each.role == "ours" for each in self.settings):
            raise ValueError("settings: each name once, and at least one with role ours")
        if "search" in names:
            raise ValueError("settings: the name search is taken")
        if any(each.role != "predecessor" and each.fault != "none" for each in self.settings):
            raise ValueError("settings: a fault belongs to the role predecessor")
        if any(each.role != "beside" and each.init is not None for each in self.settings):
            raise ValueError("settings: a start of its own belongs to the role beside")
        for each in self.settings:
            if each.init == "package" and not set(each.architectures or self.architectures) <= set(PACKAGED):
                raise ValueError(f"settings: init package is for the architectures {', '.join(PACKAGED)} alone")
        return self

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        known = set(self.architectures)
        if not known or len(known) != len(self.architectures) or len(set(self.seeds)) != len(self.seeds):
            raise ValueError("architectures and seeds: at least one, each once")
        named = {name for each in self.settings for name in each.architectures or ()} | {self.explain} - {None}
        if not named <= known:
            raise ValueError(f"not among the architectures: {', '.join(sorted(map(str, named - known)))}")
        return self

    @property
    def side(self) -> int:
        """Of the prepared pictures, in pixels."""
        return next(each.side for each in self.steps if isinstance(each, ResizeKeepAspect))

    def side_of(self, architecture: Name) -> int:
        """At which this architecture sees them, in pixels."""
        return self.own.get(architecture, Own()).side or self.side

    def rates_of(self, architecture: Name) -> tuple[float, ...]:
        """The rates that are tried for this architecture."""
        return self.own.get(architecture, Own()).rates or self.search.rates

    def schedule_of(self, architecture: Name, setting: Setting) -> Schedule:
        """How the rate moves in one trial, and for how many epochs."""
        epochs = self.own.get(architecture, Own()).epochs
        if epochs is None or setting.role != "ours":
            return setting.schedule
        return setting.schedule.model_copy(update={"epochs": epochs})

    def optimiser_of(self, architecture: Name, name: Literal["adamw", "sgd"], lr: float) -> Optimiser:
        """The optimiser of one trial."""
        own = self.own.get(architecture, Own()).weight_decay
        decay = self.weight_decay if own is None else own
        return Optimiser(name=name, lr=lr, weight_decay=decay, clip_norm=self.clip_norm)


def load_task_recipe(name_or_path: str) -> TaskRecipe:
    """Read a recipe by the name of a shipped one or by the path of a YAML file.

    Raises:
        DataError: it is missing or invalid; the message names the file and the field.

    """
    path = recipe_path(name_or_path, RECIPES, "task recipe")
    try:
        return TaskRecipe.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        raise DataError(f"{path}: {first_faults(error)}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: no YAML ({' '.join(str(error).split())})") from error
