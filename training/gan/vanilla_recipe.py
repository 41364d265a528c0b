"""The recipe of the baseline: the predecessor's GAN, trained on the same pictures."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class VanillaRecipe(BaseModel):
    """Fully connected networks and binary cross-entropy (Goodfellow et al. 2014): one pair for each label.

    No convolution, no augmentation, no averaging: what a generator must beat.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: Literal["vanilla"]
    side: Literal[64, 128] = 64
    batch: int = Field(default=64, ge=2)
    kimg: float = Field(gt=0, description="thousands of real pictures seen, all labels together")
    lr: float = Field(default=2e-4, gt=0)
    betas: tuple[float, float] = (0.5, 0.999)
    sources: tuple[str, ...] = ("garbage-v2", "trashnet", "cardstdani")
    least_side: int = Field(default=64, ge=1)
    seed: int = 0
