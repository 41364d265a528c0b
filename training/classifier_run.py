"""Training a classifier: the loop, its checkpoints and its records. A run is a folder.

``recipe.yaml`` what was asked, ``metrics.csv`` the curves, ``model.safetensors`` the best weights so far
(averaged), ``checkpoint.pt`` everything needed to go on after a stop.
"""

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor, nn

from inference.architectures import WasteClassifier
from training.averaged import AveragedNetwork
from training.batches import TrainingBatches
from training.classifier_recipe import ClassifierRecipe
from training.data_recipe import DataError
from training.depthwise import speed_up_depthwise
from training.frozen_norm import freeze_norms
from training.half_precision import half_where_fast
from training.initial_weights import starting_network
from training.losses import distillation_loss, label_set_loss, waste_loss
from training.optimiser import make_optimiser, parameter_groups, rate_factor
from training.photo import Photo
from training.pixel_cache import PixelCache
from training.probe import features_of, fit_heads
from training.teacher import Teacher, resize_batch
from training.validation import answers_of, validation_figures

CURVES: Final = ("step", "epoch", "lr", "loss", "val_top1", "val_nll", "val_waste_auroc", "photos_per_s")
"""The columns of ``metrics.csv``."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Where and how a run executes; nothing here changes what is learned."""

    folder: Path
    device: str = "cpu"
    workers: int = 0
    checkpoint_seconds: float = 120.0
    resume: bool = True
    report: Callable[[str], None] = print


def train_classifier(
    recipe: ClassifierRecipe,
    train: Sequence[Photo],
    val: Sequence[Photo],
    cache: PixelCache,
    settings: RunSettings,
) -> Path:
    """Train to the end of the schedule; a run that was stopped goes on from its last checkpoint.

    Returns:
        The path of the best weights: those of the epoch with the lowest validation NLL.

    Raises:
        DataError: there is nothing to train or to validate on, or the recipe's starting point is missing.

    """
    if not any(photo.is_waste for photo in train) or not any(photo.is_waste for photo in val):
        raise DataError("training needs readable waste photos in both parts, train and val")
    settings.folder.mkdir(parents=True, exist_ok=True)
    asked = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False)
    (settings.folder / "recipe.yaml").write_text(asked, "utf-8")
    torch.manual_seed(recipe.seed)
    checkpoint = settings.folder / "checkpoint.pt"
    if settings.resume and checkpoint.is_file():
        run = _Run(recipe, starting_network(recipe.architecture, "scratch"), train, val, cache, settings)
        run.load(checkpoint)
    else:
        run = _Run(recipe, _started(recipe, train, cache, settings), train, val, cache, settings)
        (settings.folder / "metrics.csv").unlink(missing_ok=True)
        run.validate(_Progress())
    run.to_the_end()
    return settings.folder / "model.safetensors"


def _started(
    recipe: ClassifierRecipe, photos: Sequence[Photo], cache: PixelCache, settings: RunSettings
) -> WasteClassifier:
    network = starting_network(recipe.architecture, recipe.init).to(settings.device)
    if recipe.probe:
        settings.report("fitting the starting heads on frozen features")
        features = features_of(network, photos, cache, recipe.side, recipe.fit, settings.device)
        fit_heads(network, photos, features)
    return network


@dataclass(slots=True)
class _Progress:
    """Since the last report: the losses, and how many photos in how long."""

    losses: list[float] = field(default_factory=list)
    photos: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, loss: Tensor, photos: int) -> None:
        self.losses.append(float(loss.detach()))
        self.photos += photos

    def loss(self, last: int | None = None) -> float:
        recent = self.losses[-last:] if last else self.losses
        return float(np.mean(recent)) if recent else float("nan")

    @property
    def speed(self) -> float:
        """Photos per second."""
        return self.photos / (time.monotonic() - self.since) if self.photos else float("nan")


class _Run:
    """A training under way: the networks, what moves them, and how far they are."""

    def __init__(
        self,
        recipe: ClassifierRecipe,
        network: WasteClassifier,
        train: Sequence[Photo],
        val: Sequence[Photo],
        cache: PixelCache,
        settings: RunSettings,
    ) -> None:
        self._recipe, self._settings, self._val, self._cache = recipe, settings, val, cache
        self._network = network.to(settings.device)
        self._start = _copied(self._network) if recipe.keep_start else {}
        self._averaged = AveragedNetwork(self._network, recipe.ema)
        _speed_up(self._network, recipe, settings.device)
        taught = recipe.distillation
        self._teacher = Teacher(taught.teachers, taught.side, settings.device) if taught else None
        # The teacher may look at larger views than the student, who then sees them scaled down.
        view_side = max(recipe.side, taught.side if taught else 0)
        view_recipe = recipe.model_copy(update={"side": view_side})
        self._batches = TrainingBatches(train, cache, view_recipe, settings.workers)
        self._epoch_steps = self._batches.steps_per_epoch
        self._total = round(recipe.schedule.epochs * self._epoch_steps)
        groups = parameter_groups(self._network, recipe.optimiser)
        self._optimiser = make_optimiser(groups, recipe.optimiser)
        factor = rate_factor(recipe.schedule, self._total, self._epoch_steps)
        self._scheduler = torch.optim.lr_scheduler.LambdaLR(self._optimiser, factor)
        self._step, self._best = 0, float("inf")

    def to_the_end(self) -> None:
        """Train, validate after each epoch and at the end, and leave checkpoints on the way."""
        _set_training_mode(self._network, self._recipe)
        progress, saved_at = _Progress(), time.monotonic()
        for pixels, masks in self._batches.steps(self._step, self._total):
            loss = self._learn(pixels.to(self._settings.device), masks.to(self._settings.device))
            progress.add(loss, len(pixels))
            self._step += 1
            if self._step % self._epoch_steps == 0 or self._step == self._total:
                self.validate(progress)
                progress = _Progress()
                self._save()
            elif time.monotonic() - saved_at > self._settings.checkpoint_seconds:
                self._settings.report(
                    f"step {self._step}/{self._total} loss {progress.loss(last=100):.4f} {progress.speed:.1f} photos/s"
                )
                self._save()
                saved_at = time.monotonic()
        if self._recipe.keep_start:
            self._averaged.mix_in(self._start, self._recipe.keep_start)
            self.validate(_Progress())

    def validate(self, progress: _Progress) -> None:
        """Note the averaged network's figures, and keep its weights when they are the best so far."""
        recipe, settings = self._recipe, self._settings
        answers = answers_of(self._averaged.network, self._val, self._cache, recipe, settings.device)
        figures = validation_figures(answers, self._val)
        epoch, loss, speed = self._step / self._epoch_steps, progress.loss(), progress.speed
        rate = float(self._scheduler.get_last_lr()[-1])
        row = {"step": self._step, "epoch": epoch, "lr": rate, "loss": loss, "photos_per_s": speed, **figures}
        _append(settings.folder / "metrics.csv", row)
        told = " ".join(f"{name} {value:.4f}" for name, value in figures.items())
        settings.report(f"epoch {epoch:.2f} loss {loss:.4f} {told} {speed:.1f} photos/s")
        if figures["val_nll"] < self._best:
            self._best = figures["val_nll"]
            _save_weights(self._averaged.network, settings.folder / "model.safetensors")

    def load(self, checkpoint: Path) -> None:
        """Go on from a checkpoint of the same recipe."""
        saved = torch.load(checkpoint, map_location=self._settings.device, weights_only=True)
        self._network.load_state_dict(saved["network"])
        self._averaged.network.load_state_dict(saved["averaged"])
        self._averaged.updates = saved["step"]
        self._optimiser.load_state_dict(saved["optimiser"])
        self._scheduler.load_state_dict(saved["scheduler"])
        self._step, self._best, self._start = saved["step"], saved["best"], saved["start"]
        self._settings.report(f"going on from step {self._step} of {self._total}")

    def _save(self) -> None:
        state = {
            "network": self._network.state_dict(),
            "averaged": self._averaged.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "scheduler": self._scheduler.state_dict(),
            "step": self._step,
            "best": self._best,
            "start": self._start,
        }
        partial = self._settings.folder / "checkpoint.part"
        torch.save(state, partial)
        partial.replace(self._settings.folder / "checkpoint.pt")

    def _learn(self, pixels: Tensor, masks: Tensor) -> Tensor:
        loss = self._loss(pixels, masks)
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._network.parameters(), self._recipe.optimiser.clip_norm)
        self._optimiser.step()
        self._scheduler.step()
        self._averaged.update(self._network)
        return loss

    def _loss(self, pixels: Tensor, masks: Tensor) -> Tensor:
        recipe = self._recipe
        with half_where_fast(self._settings.device):
            label_logits, waste_logits = self._network(resize_batch(pixels, recipe.side))
        label_logits, waste_logits = label_logits.float(), waste_logits.float()
        loss = label_set_loss(label_logits, masks, recipe.label_smoothing)
        how = recipe.distillation
        if self._teacher is not None and how is not None:
            taught, _ = self._teacher(pixels)
            loss = (1 - how.weight) * loss + how.weight * distillation_loss(label_logits, taught, how.temperature)
        return loss + recipe.waste_weight * waste_loss(waste_logits, masks)


def _set_training_mode(network: WasteClassifier, recipe: ClassifierRecipe) -> None:
    network.train()
    if recipe.batch_norm == "frozen":
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()


def _speed_up(network: WasteClassifier, recipe: ClassifierRecipe, device: str) -> None:
    """Same outputs and gradients, sooner."""
    if recipe.batch_norm == "frozen" and recipe.architecture.startswith("efficientnet"):
        freeze_norms(network.backbone)
    elif device == "cpu":
        speed_up_depthwise(network)


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def _append(path: Path, row: dict[str, Any]) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, CURVES)
        if new:
            writer.writeheader()
        writer.writerow({name: f"{row[name]:.6g}" for name in CURVES})


def _save_weights(network: nn.Module, path: Path) -> None:
    state = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    partial = path.with_suffix(".part")
    save_file(state, partial)
    partial.replace(path)
