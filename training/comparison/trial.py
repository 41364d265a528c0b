"""One training, in a folder: killed at any moment, it goes on from its last checkpoint and ends the same.

All that is random in an epoch comes from the seed and the epoch's number, so that nothing has to be remembered
of a generator. On a CPU the result is the same to the bit for one number of threads.
"""

import math
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from training.averaged import AveragedNetwork
from training.comparison.answers import answers_of
from training.comparison.architectures import TaskNetwork, build_network, parameter_count
from training.comparison.faults import faulty_network, freeze_body
from training.comparison.peak_memory import forget_peak, peak_bytes
from training.comparison.targets import target_table
from training.comparison.trial_record import (
    RESULT,
    Epoch,
    Trial,
    TrialResult,
    claim,
    made_whole,
    read_result,
    write_whole,
)
from training.comparison.views import mixed, random_views
from training.depthwise import speed_up_depthwise
from training.optimiser import make_optimiser, parameter_groups, rate_factor

CHECKPOINT: Final = "checkpoint.pt"
WEIGHTS: Final = "model.safetensors"

Weights = dict[str, Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class TrialData:
    """Pictures on the device, (N, S, S, 3) uint8, and labels: (N,) int64, those of val on the CPU.

    ``train_shares``: (N, K) float32, what each training picture's target is made of before smoothing.
    """

    labels: tuple[str, ...]
    train: Tensor
    train_labels: Tensor
    train_shares: Tensor
    val: Tensor
    val_labels: Tensor
    test: Tensor


@dataclass(frozen=True, slots=True)
class TrialSettings:
    """How a trial executes; nothing here changes what is learned but rounding.

    Attributes:
        device: ``cpu`` or ``cuda``; on the latter networks run in bfloat16.
        checkpoint_seconds: at least so long between two checkpoints.
        report: is told a line after each epoch.

    """

    device: str = "cpu"
    checkpoint_seconds: float = 120.0
    report: Callable[[str], None] = print


def run_trial(trial: Trial, data: TrialData, folder: Path, settings: TrialSettings, *, test: bool) -> TrialResult:
    """Train to the end, or as far as it can be, unless that is done already.

    Args:
        trial: what to do.
        data: the task.
        folder: of this trial alone.
        settings: how.
        test: look at the test part, with the weights that were best on validation, and keep these.

    Raises:
        DataError: the folder holds another trial.

    """
    claim(folder, trial)
    done = read_result(folder)
    if done is not None:
        return done
    training = _Training(trial, data, folder, settings)
    result = training.to_the_end(test=test)
    write_whole(folder / RESULT, result.model_dump_json(indent=1) + "\n")
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return result


def starting_network(trial: Trial, classes: int) -> TaskNetwork:
    """The network of a trial, its first weights drawn from the trial's seed."""
    torch.manual_seed(trial.seed)
    if trial.fault in ("fc_replaced", "fc_replaced_rest_frozen"):
        return faulty_network(trial.architecture, classes, trial.init, trial.side, trial.fault)
    return build_network(trial.architecture, classes, trial.init, trial.side)


class _Training:
    """A training under way."""

    def __init__(self, trial: Trial, data: TrialData, folder: Path, settings: TrialSettings) -> None:
        self._trial, self._data, self._folder, self._settings = trial, data, folder, settings
        forget_peak(settings.device)
        network = starting_network(trial, len(data.labels))
        frozen = [parameter for parameter in network.parameters() if not parameter.requires_grad]
        self._network = network.to(settings.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        groups = parameter_groups(self._network, trial.optimiser)
        for parameter in frozen:
            parameter.requires_grad_(False)
        if trial.fault == "body_frozen":
            freeze_body(network, trial.architecture)
        self._optimiser = make_optimiser(groups, trial.optimiser)
        self._averaged = AveragedNetwork(network, trial.ema) if trial.ema else None
        if settings.device == "cpu":
            speed_up_depthwise(self._network)
        self._steps = max(1, len(data.train) // trial.batch)
        self._epochs = math.ceil(trial.schedule.epochs)
        self._factor = rate_factor(trial.schedule, self._epochs * self._steps, self._steps)
        self._columns = self._count_columns()
        near, share = trial.near, trial.to_near
        table = target_table(data.labels, near, self._columns, trial.smoothing, share)
        self._targets = (data.train_shares.cpu() @ table).to(settings.device)
        self._curves: list[Epoch] = []
        self._best: Weights = {}
        self._best_epoch = 0
        self._without_gradient: tuple[str, ...] = ()

    def to_the_end(self, *, test: bool) -> TrialResult:
        saved = self._read_checkpoint()
        if saved is not None:
            self._take_up(saved)
        failure, saved_at = None, time.monotonic()
        while len(self._curves) < self._epochs and failure is None:
            failure = self._epoch()
            if time.monotonic() - saved_at > self._settings.checkpoint_seconds:
                self._save()
                saved_at = time.monotonic()
        predicted: tuple[int, ...] = ()
        if test and self._best:
            self._judged.load_state_dict(self._best)
            predicted = tuple(int(each) for each in self._answers(self._data.test).predicted)
            with made_whole(self._folder / WEIGHTS) as part:
                save_file({name: value.cpu().contiguous() for name, value in self._best.items()}, part)
        return TrialResult(
            trial=self._trial,
            curves=tuple(self._curves),
            best_epoch=self._best_epoch,
            test_predicted=predicted,
            columns=self._columns,
            parameters=parameter_count(self._network),
            without_gradient=self._without_gradient,
            peak_bytes=peak_bytes(self._settings.device),
            device=self._settings.device,
            failure=failure,
        )

    @property
    def _judged(self) -> nn.Module:
        return self._averaged.network if self._averaged else self._network

    @property
    def _half(self) -> bool:
        return self._settings.device == "cuda"

    def _answers(self, pixels: Tensor) -> Any:
        return answers_of(self._judged, pixels, mirror=self._trial.mirror_test, half=self._half)

    def _count_columns(self) -> int:
        return int(answers_of(self._network, self._data.val[:1], mirror=False, half=self._half).logits.shape[1])

    def _epoch(self) -> str | None:
        """Train one epoch and note its figures. Why the training cannot go on, or None."""
        started, number = time.monotonic(), len(self._curves)
        torch.manual_seed(_epoch_seed(self._trial.seed, number))
        rng = np.random.default_rng((self._trial.seed, number))
        order = torch.from_numpy(rng.permutation(len(self._data.train))).to(self._settings.device)
        losses, hits, seen = [], 0, 0
        self._network.train()
        for step in range(self._steps):
            chosen = order[step * self._trial.batch : (step + 1) * self._trial.batch]
            rate = self._factor(number * self._steps + step) * self._trial.optimiser.lr
            for group in self._optimiser.param_groups:
                group["lr"] = rate
            loss, right = self._learn(chosen, rng)
            if loss is None:
                return "nothing to train: no parameter that the loss hangs on may change"
            if not math.isfinite(loss):
                return f"the loss is no number any more in epoch {number + 1}"
            losses.append(loss)
            hits, seen = hits + right, seen + len(chosen)
        answers = self._answers(self._data.val)
        row = Epoch(
            epoch=number + 1,
            lr=rate,
            train_loss=float(np.mean(losses)),
            train_accuracy=hits / seen,
            val_loss=answers.loss(self._data.val_labels),
            val_accuracy=answers.accuracy(self._data.val_labels),
            seconds=time.monotonic() - started,
        )
        if not math.isfinite(row.val_loss):
            return f"the validation loss is no number any more in epoch {number + 1}"
        best = self._curves[self._best_epoch - 1].merit if self._best_epoch else (-1.0, 0.0)
        self._curves.append(row)
        if row.merit > best:
            self._best_epoch = row.epoch
            self._best = {name: value.detach().clone() for name, value in self._judged.state_dict().items()}
        self._settings.report(
            f"{self._folder.parent.name}/{self._folder.name} epoch {row.epoch}/{self._epochs} "
            f"loss {row.train_loss:.4f} val_loss {row.val_loss:.4f} val_accuracy {row.val_accuracy:.4f} "
            f"{row.seconds:.0f} s"
        )
        return None

    def _learn(self, chosen: Tensor, rng: np.random.Generator) -> tuple[float | None, int]:
        trial, labels = self._trial, self._data.train_labels[chosen]
        views = random_views(self._data.train[chosen], trial.augmentation, rng)
        views, targets = mixed(views, self._targets[chosen], trial.augmentation.mixup, rng)
        with torch.autocast(self._settings.device, torch.bfloat16, enabled=self._half):
            logits = self._network(views)
        loss = -(targets * logits.float().log_softmax(1)).sum(1).mean()
        if not loss.requires_grad:
            return None, 0
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        if not self._curves:
            named = self._network.named_parameters()
            self._without_gradient = tuple(name for name, each in named if each.grad is None)
        nn.utils.clip_grad_norm_(self._network.parameters(), trial.optimiser.clip_norm)
        self._optimiser.step()
        if self._averaged:
            self._averaged.update(self._network)
        return float(loss.detach()), int((logits.argmax(1) == labels).sum())

    def _save(self) -> None:
        state = {
            "network": self._network.state_dict(),
            "averaged": self._averaged.network.state_dict() if self._averaged else {},
            "updates": self._averaged.updates if self._averaged else 0,
            "optimiser": self._optimiser.state_dict(),
            "best": self._best,
            "best_epoch": self._best_epoch,
            "curves": [each.model_dump() for each in self._curves],
            "without_gradient": list(self._without_gradient),
        }
        with made_whole(self._folder / CHECKPOINT) as part:
            torch.save(state, part)

    def _read_checkpoint(self) -> dict[str, Any] | None:
        """What was saved; None where nothing was, or where it is damaged: from the start the result is the same."""
        file = self._folder / CHECKPOINT
        if not file.is_file():
            return None
        try:
            saved: dict[str, Any] = torch.load(file, map_location=self._settings.device, weights_only=True)
        except (EOFError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
            self._settings.report(f"{file} is damaged ({' '.join(str(error).split())}): this trial starts over")
            return None
        return saved

    def _take_up(self, saved: dict[str, Any]) -> None:
        self._network.load_state_dict(saved["network"])
        if self._averaged:
            self._averaged.network.load_state_dict(saved["averaged"])
            self._averaged.updates = saved["updates"]
        self._optimiser.load_state_dict(saved["optimiser"])
        self._best, self._best_epoch = saved["best"], saved["best_epoch"]
        self._curves = [Epoch.model_validate(each) for each in saved["curves"]]
        self._without_gradient = tuple(saved["without_gradient"])
        self._settings.report(f"{self._folder} goes on after epoch {len(self._curves)} of {self._epochs}")


def _epoch_seed(seed: int, epoch: int) -> int:
    return int(np.random.SeedSequence((seed, epoch)).generate_state(1)[0])
