"""A GAN recipe: everything that decides how a generator is trained, in one file."""

from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from training.data_recipe import DataError
from training.gan.vanilla_recipe import VanillaRecipe
from training.recipe_file import recipe_path

RECIPES: Final = Path(__file__).parent.parent / "recipes" / "gan"


class GanRecipe(BaseModel):
    """One training run of a conditional FastGAN against a discriminator on the frozen features of an ImageNet network.

    Projected GAN, Sauer et al. 2021. Lengths of time are in kimg: thousands of real pictures seen while learning.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    side: Literal[64, 128] = 64
    base_channels: int = Field(default=24, ge=4, le=128)
    init: str | None = Field(default=None, description="a run or a folder of weights to begin from; random when unset")
    warmup_kimg: float = Field(default=0.0, ge=0, description="until when only the discriminator learns")
    batch: int = Field(default=32, ge=2)
    kimg: float = Field(gt=0, description="length of the run")
    generator_lr: float = Field(default=1e-3, gt=0)
    discriminator_lr: float = Field(default=2e-4, gt=0)
    decay: float = Field(default=0.5, ge=0, le=1, description="last share of the run, in which both rates fall to 0")
    betas: tuple[float, float] = (0.0, 0.99)
    ema_kimg: float = Field(default=10.0, gt=0, description="half-life of the averaged generator")
    seen_side: int = Field(default=96, ge=32, le=224, description="side at which the frozen network looks at pictures")
    head_channels: int = Field(default=64, ge=8)
    blur_kimg: float = Field(default=6.0, ge=0, description="until when what the discriminator sees is blurred")
    condition_kimg: tuple[float, float] = Field(default=(2.0, 6.0), description="from and to when labels come to count")
    guidance: float = Field(default=0.0, ge=0, description="weight of a probe's cross-entropy in the generator's loss")
    sources: tuple[str, ...] = Field(
        default=("garbage-v2", "trashnet", "cardstdani"), description="data sets whose photos show one thing"
    )
    least_side: int = Field(default=64, ge=1, description="of a photo's square, in pixels; smaller ones are left out")
    seed: int = 0


def load_gan_recipe(name_or_path: str) -> GanRecipe | VanillaRecipe:
    """Read a recipe by the name of a shipped one or by the path of a YAML file; ``kind: vanilla`` is the baseline's.

    Raises:
        DataError: it is missing or invalid; the message names the file and the field.

    """
    path = recipe_path(name_or_path, RECIPES, "GAN recipe")
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
        if isinstance(document, dict) and document.get("kind") == "vanilla":
            return VanillaRecipe.model_validate(document)
        return GanRecipe.model_validate(document)
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}") from error
