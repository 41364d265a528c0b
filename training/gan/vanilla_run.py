"""Training the baseline: one fully connected pair after the other, a label each. A run is a folder.

``recipe.yaml`` what was asked, ``metrics.csv`` the losses, ``LABEL.safetensors`` the generator of a label that is done,
``checkpoint.pt`` the pair in training, ``samples.jpg`` ten pictures of each label.
"""

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import yaml
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from inference.labels import LABELS, Label
from training.data_recipe import DataError
from training.gan.pictures import Pictures
from training.gan.sample_grid import save_grid
from training.gan.vanilla_network import VANILLA_LATENT, VanillaDiscriminator, VanillaGenerator, steps_of
from training.gan.vanilla_recipe import VanillaRecipe

_TOLD_EVERY: Final = 200
_COLUMNS: Final = 10


@dataclass(frozen=True, slots=True)
class VanillaRunSettings:
    """Where and how a run executes."""

    folder: Path
    device: str = "cpu"
    checkpoint_seconds: float = 120.0
    resume: bool = True
    report: Callable[[str], None] = print


def train_vanilla(recipe: VanillaRecipe, pictures: Pictures, settings: VanillaRunSettings) -> Path:
    """Train a pair for each label; a run that was stopped goes on from its last checkpoint.

    Returns:
        The folder, which holds a generator for each label.

    """
    folder = settings.folder
    folder.mkdir(parents=True, exist_ok=True)
    if not settings.resume:
        for stale in [*folder.glob("*.safetensors"), folder / "checkpoint.pt", folder / "metrics.csv"]:
            stale.unlink(missing_ok=True)
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False), "utf-8")
    steps = steps_of(recipe.kimg, recipe.batch, len(LABELS))
    with _flushed_denormals():
        for label in LABELS:
            if not _file(folder, label).is_file():
                pair = VanillaPair(recipe, _of_label(pictures, label), label, settings.device)
                _train(pair, steps, settings)
                (folder / "checkpoint.pt").unlink(missing_ok=True)
    sheet = torch.cat([vanilla_pictures(folder, label, _COLUMNS, seed=1) for label in LABELS])
    save_grid(sheet, _COLUMNS, folder / "samples.jpg")
    return folder


class VanillaPair:
    """Generator and discriminator of one label. Each step draws from its own seed."""

    def __init__(self, recipe: VanillaRecipe, pixels: Tensor, label: Label, device: str) -> None:
        self.label, self.recipe, self._pixels, self._device = label, recipe, pixels, device
        torch.manual_seed(self._seed(0))
        self.generator = VanillaGenerator(recipe.side).to(device)
        self.discriminator = VanillaDiscriminator(recipe.side).to(device)
        self.optimisers = tuple(
            torch.optim.Adam(network.parameters(), recipe.lr, recipe.betas, fused=True)
            for network in (self.generator, self.discriminator)
        )
        self.steps = 0

    def step(self) -> dict[str, float]:
        """One step of the generator and one of the discriminator, by binary cross-entropy."""
        torch.manual_seed(self._seed(1 + self.steps))
        batch = self.recipe.batch
        chosen = self._pixels[torch.randint(len(self._pixels), (batch,))]
        real = chosen.to(self._device).float() / 127.5 - 1
        of_generator, of_discriminator = self.optimisers
        pictures = self.generator(torch.randn(batch, VANILLA_LATENT).to(self._device))
        generator_loss = _cross_entropy(self.discriminator(pictures), 1.0)
        of_generator.zero_grad(set_to_none=True)
        torch.autograd.backward(generator_loss)
        of_generator.step()
        judged_real, judged_made = self.discriminator(real), self.discriminator(pictures.detach())
        loss = (_cross_entropy(judged_real, 1.0) + _cross_entropy(judged_made, 0.0)) / 2
        of_discriminator.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        of_discriminator.step()
        self.steps += 1
        return {"generator_loss": float(generator_loss.detach()), "discriminator_loss": float(loss.detach())}

    def state(self) -> dict[str, Any]:
        """Everything needed to go on."""
        return {
            "label": self.label.value,
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "steps": self.steps,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from ``state``."""
        for network, name in ((self.generator, "generator"), (self.discriminator, "discriminator")):
            network.load_state_dict(saved[name])
        for optimiser, state in zip(self.optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.steps = saved["steps"]

    def _seed(self, number: int) -> int:
        return (self.recipe.seed * len(LABELS) + LABELS.index(self.label)) * 10_000_019 + number


def recipe_of(run: Path) -> VanillaRecipe:
    """The recipe that a run was started with.

    Raises:
        DataError: the folder is no run of the baseline.

    """
    try:
        return VanillaRecipe.model_validate(yaml.safe_load((run / "recipe.yaml").read_text("utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataError(f"{run} is no run of the baseline") from error


@torch.inference_mode()
def vanilla_pictures(run: Path, label: Label, count: int, seed: int) -> Tensor:
    """Pictures by the generator of a label: (count, 3, side, side) in [-1, 1].

    Raises:
        DataError: the run has no generator of that label.

    """
    file = _file(run, label)
    if not file.is_file():
        raise DataError(f"{file} is missing: the baseline was not trained to its end")
    state = {key: value.float() if value.is_floating_point() else value for key, value in load_file(file).items()}
    last = max(int(key.split(".")[1]) for key in state)
    network = VanillaGenerator(round((state[f"layers.{last}.bias"].numel() / 3) ** 0.5)).eval()
    network.load_state_dict(state)
    made: Tensor = network(torch.randn(count, VANILLA_LATENT, generator=torch.Generator().manual_seed(seed)))
    return made


@contextmanager
def _flushed_denormals() -> Iterator[None]:
    """Saturated pixels have gradients of next to nothing; their squares are numbers that a processor is slow with.

    The mode is the thread's, also for what has nothing to do with training: it ends with it.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def _train(pair: VanillaPair, steps: int, settings: VanillaRunSettings) -> None:
    checkpoint = settings.folder / "checkpoint.pt"
    if settings.resume and checkpoint.is_file():
        saved = torch.load(checkpoint, map_location=settings.device, weights_only=True)
        if saved["label"] == pair.label.value:
            pair.load(saved)
            settings.report(f"{pair.label.value}: going on from step {pair.steps}")
    said: list[dict[str, float]] = []
    saved_at = began = time.monotonic()
    while pair.steps < steps:
        said.append(pair.step())
        if pair.steps % _TOLD_EVERY == 0 or pair.steps == steps:
            means = {name: float(np.mean([each[name] for each in said])) for name in said[0]}
            speed = len(said) * pair.recipe.batch / (time.monotonic() - began)
            row = {"label": pair.label.value, "step": pair.steps, "pictures_per_s": speed, **means}
            _append(settings.folder / "metrics.csv", row)
            settings.report(" ".join(f"{key} {value}" for key, value in row.items()))
            said, began = [], time.monotonic()
        if time.monotonic() - saved_at > settings.checkpoint_seconds:
            _replace(checkpoint, lambda partial: torch.save(pair.state(), partial))
            saved_at = time.monotonic()
    state = {
        key: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for key, value in pair.generator.state_dict().items()
    }
    _replace(_file(settings.folder, pair.label), lambda partial: save_file(state, partial))


def _cross_entropy(logits: Tensor, truth: float) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, truth))


def _of_label(pictures: Pictures, label: Label) -> Tensor:
    found = pictures.pixels[pictures.labels == LABELS.index(label)]
    if not len(found):
        raise DataError(f"there is no picture of {label.value} to learn from")
    return found


def _file(folder: Path, label: Label) -> Path:
    return folder / f"{label.value}.safetensors"


def _replace(file: Path, write: Callable[[Path], None]) -> None:
    partial = file.with_suffix(".part")
    write(partial)
    partial.replace(file)


def _append(path: Path, row: dict[str, float | str]) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)
