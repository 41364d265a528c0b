"""Training a generator: the loop, its checkpoints and its records. A run is a folder.

``recipe.yaml`` what was asked, ``metrics.csv`` the curves, ``samples-*.jpg`` what it makes, ``generator.safetensors``
the best averaged weights so far, ``checkpoint.pt`` everything needed to go on after a stop.
"""

import csv
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor, nn

from inference.generator_network import Generator
from training.gan.averaged_generator import AveragedGenerator
from training.gan.blur import blurred
from training.gan.diffaugment import augmented
from training.gan.discriminator import ProjectedDiscriminator
from training.gan.initial_generator import weights_of
from training.gan.latents import drawn_inputs
from training.gan.pictures import Pictures
from training.gan.recipe import GanRecipe
from training.gan.sample_grid import grid_of, save_grid
from training.gan.spectral import baked, normalised
from training.half_precision import half_where_fast

_GRID_COLUMNS: Final = 10


class Score(Protocol):
    """Figures of a generator; "score" among them says which one is the better, and more is better."""

    def __call__(self, generator: Generator, strength: float, /) -> Mapping[str, float]:
        """Measure it; the same names each time."""
        ...


@dataclass(frozen=True, slots=True)
class GanRunSettings:
    """Where and how a run executes; nothing here changes what is learned, but ``measure_kimg`` what is kept."""

    folder: Path
    device: str = "cpu"
    checkpoint_seconds: float = 120.0
    measure_kimg: float = 10.0
    standing_batches: int = 16
    resume: bool = True
    report: Callable[[str], None] = print


def train_gan(recipe: GanRecipe, pictures: Pictures, score: Score, settings: GanRunSettings) -> Path:
    """Train to the end; a run that was stopped goes on from its last checkpoint.

    Returns:
        The path of the best weights, by ``score``.

    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    asked = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False)
    (settings.folder / "recipe.yaml").write_text(asked, "utf-8")
    run = GanRun(recipe, pictures, score, settings)
    checkpoint = settings.folder / "checkpoint.pt"
    if settings.resume and checkpoint.is_file():
        run.load(checkpoint)
    else:
        (settings.folder / "metrics.csv").unlink(missing_ok=True)
    run.to_the_end()
    return settings.folder / "generator.safetensors"


class GanRun:
    """A training under way. Each step draws from its own seed: a stopped run and another one end alike."""

    def __init__(self, recipe: GanRecipe, pictures: Pictures, score: Score, settings: GanRunSettings) -> None:
        torch.manual_seed(recipe.seed)
        self._recipe, self._pictures, self._score, self._settings = recipe, pictures, score, settings
        device = settings.device
        layout = torch.channels_last
        generator = Generator(recipe.side, recipe.base_channels)
        if recipe.init is not None:
            generator.load_state_dict(weights_of(Path(recipe.init)))
        self.generator = normalised(generator).to(device).to(memory_format=layout)
        self.discriminator = ProjectedDiscriminator(recipe.seen_side, recipe.head_channels)
        self.discriminator.to(device).to(memory_format=layout)
        self.averaged = AveragedGenerator(self.generator, recipe.ema_kimg * 1000)
        betas = recipe.betas
        self._generator_optimiser = torch.optim.Adam(self.generator.parameters(), recipe.generator_lr, betas)
        self._discriminator_optimiser = torch.optim.Adam(self.discriminator.trainable(), recipe.discriminator_lr, betas)
        self._step, self._best = 0, float("-inf")
        self._total = max(1, round(recipe.kimg * 1000 / recipe.batch))

    @property
    def kimg(self) -> float:
        """Thousands of real pictures shown so far."""
        return self._step * self._recipe.batch / 1000

    @property
    def strength(self) -> float:
        """How much labels count now, in [0, 1]."""
        start, end = self._recipe.condition_kimg
        return float(np.clip((self.kimg - start) / max(1e-9, end - start), 0.0, 1.0))

    @property
    def rate(self) -> float:
        """Factor on both learning rates: 1, and falling to 0 in the last share of the run."""
        left = 1 - self._step / self._total
        return min(1.0, left / self._recipe.decay) if self._recipe.decay else 1.0

    def to_the_end(self) -> None:
        """Train, measure now and then and at the end, and leave checkpoints on the way."""
        self.until(self._total)

    def until(self, last: int) -> None:
        """As ``to_the_end``, but so many steps in all: a run that goes on from there ends as one in one go."""
        self.generator.train()
        self.discriminator.train()
        every = max(1, round(self._settings.measure_kimg * 1000 / self._recipe.batch))
        progress, saved_at = _Progress(), time.monotonic()
        while self._step < last:
            progress.add(self.step(), self._recipe.batch)
            if self._step % every == 0 or self._step == last:
                self._measure(progress)
                self._save()
                progress, saved_at = _Progress(), time.monotonic()
            elif time.monotonic() - saved_at > self._settings.checkpoint_seconds:
                self._settings.report(f"{self.kimg:.1f} kimg {progress.told()}")
                self._save()
                saved_at = time.monotonic()

    def step(self) -> dict[str, float]:
        """One step of the discriminator and one of the generator."""
        recipe, device = self._recipe, self._settings.device
        torch.manual_seed(recipe.seed * 1_000_003 + self._step)
        rng = np.random.default_rng((recipe.seed, self._step))
        levels, labels = self._pictures.drawn(recipe.batch, rng)
        for optimiser, rate in (
            (self._generator_optimiser, recipe.generator_lr),
            (self._discriminator_optimiser, recipe.discriminator_lr),
        ):
            for group in optimiser.param_groups:
                group["lr"] = rate * self.rate
        real, labels = levels.to(device).float() / 127.5 - 1, labels.to(device)
        blur = max(0.0, 1 - self.kimg / recipe.blur_kimg) if recipe.blur_kimg else 0.0
        strength = self.strength

        judge = self.discriminator
        # One batch of pictures and one look at them serve both steps: looking is what a step costs most.
        generator_learns = self.kimg >= recipe.warmup_kimg
        with torch.set_grad_enabled(generator_learns):
            made, made_labels = self._made(strength)
            made_maps = self._seen(made, blur)
        with torch.no_grad():
            real_maps = self._seen(real, blur)
        looked_at = [each.detach() for each in made_maps]
        with half_where_fast(self._settings.device):
            real_logits = judge.judged(real_maps, labels, strength).float()
            made_logits = judge.judged(looked_at, made_labels, strength).float()
            real_named = judge.named(real_maps).float()
        # Hinge loss (Lim & Ye 2017); the probe learns from real pictures only.
        loss = nn.functional.relu(1 - real_logits).mean() + nn.functional.relu(1 + made_logits).mean()
        naming_loss = nn.functional.cross_entropy(real_named, labels)
        self._discriminator_optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss + naming_loss)
        self._discriminator_optimiser.step()

        for parameter in judge.trainable():
            parameter.requires_grad_(False)
        with half_where_fast(self._settings.device):
            pleased = judge.judged(made_maps, made_labels, strength).float().mean()
            made_named = judge.named(made_maps).float()
        guidance_loss = nn.functional.cross_entropy(made_named, made_labels)
        generator_loss = strength * recipe.guidance * guidance_loss - pleased
        if generator_learns:
            self._generator_optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(generator_loss)
            self._generator_optimiser.step()
        for parameter in judge.trainable():
            parameter.requires_grad_(True)

        self._step += 1
        if generator_learns:
            seen = self._step * recipe.batch if recipe.init is None else None
            self.averaged.update(self.generator, recipe.batch, seen)
        return {
            "real": float(real_logits.detach().mean()),
            "made": float(made_logits.detach().mean()),
            "discriminator_loss": float(loss.detach()),
            "generator_loss": float(generator_loss.detach()),
            "naming_loss": float(naming_loss.detach()),
            "guidance_loss": float(guidance_loss.detach()),
        }

    def _made(self, strength: float) -> tuple[Tensor, Tensor]:
        latents, labels = drawn_inputs(self._recipe.batch)
        latents, labels = latents.to(self._settings.device), labels.to(self._settings.device)
        with half_where_fast(self._settings.device):
            return self.generator(latents, labels, strength), labels

    def _seen(self, pictures: Tensor, blur: float) -> list[Tensor]:
        seen = augmented(blurred(pictures.float(), blur))
        with half_where_fast(self._settings.device):
            return self.discriminator.maps(seen)

    def _measure(self, progress: "_Progress") -> None:
        folder = self._settings.folder
        standing = self.averaged.standing(self.strength, self._settings.standing_batches).cpu()
        columns = _GRID_COLUMNS
        save_grid(grid_of(standing, columns, self.strength), columns, folder / f"samples-{self._step:07d}.jpg")
        figures = dict(self._score(standing, self.strength))
        row = {"kimg": self.kimg, "pictures_per_s": progress.speed, **progress.means(), **figures}
        _append(folder / "metrics.csv", row)
        told = " ".join(f"{name} {value:.4g}" for name, value in row.items())
        self._settings.report(told)
        if figures["score"] > self._best:
            self._best = figures["score"]
            _save_weights(baked(standing), folder / "generator.safetensors")

    def load(self, checkpoint: Path) -> None:
        """Go on from a checkpoint of the same recipe."""
        saved = torch.load(checkpoint, map_location=self._settings.device, weights_only=True)
        self.generator.load_state_dict(saved["generator"])
        self.discriminator.load_state_dict(saved["discriminator"])
        self.averaged.network.load_state_dict(saved["averaged"])
        self._generator_optimiser.load_state_dict(saved["generator_optimiser"])
        self._discriminator_optimiser.load_state_dict(saved["discriminator_optimiser"])
        self._step, self._best = saved["step"], saved["best"]
        self._settings.report(f"going on from {self.kimg:.1f} kimg")

    def _save(self) -> None:
        state = {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "averaged": self.averaged.network.state_dict(),
            "generator_optimiser": self._generator_optimiser.state_dict(),
            "discriminator_optimiser": self._discriminator_optimiser.state_dict(),
            "step": self._step,
            "best": self._best,
        }
        partial = self._settings.folder / "checkpoint.part"
        torch.save(state, partial)
        partial.replace(self._settings.folder / "checkpoint.pt")


class _Progress:
    """Since the last measurement: the means of what steps said, and how fast they were."""

    def __init__(self) -> None:
        self._said: list[dict[str, float]] = []
        self._pictures = 0
        self._since = time.monotonic()

    def add(self, said: dict[str, float], pictures: int) -> None:
        self._said.append(said)
        self._pictures += pictures

    def means(self) -> dict[str, float]:
        return {name: float(np.mean([each[name] for each in self._said])) for name in self._said[0]}

    @property
    def speed(self) -> float:
        """Pictures per second."""
        return self._pictures / (time.monotonic() - self._since)

    def told(self) -> str:
        return " ".join(f"{name} {value:.3f}" for name, value in self.means().items()) + f" {self.speed:.1f} pictures/s"


def _append(path: Path, row: Mapping[str, float]) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(row))
        if new:
            writer.writeheader()
        writer.writerow({name: f"{value:.6g}" for name, value in row.items()})


def _save_weights(network: nn.Module, path: Path) -> None:
    state = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    partial = path.with_suffix(".part")
    save_file(state, partial)
    partial.replace(path)
