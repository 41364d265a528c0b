"""One training: stopped in the middle it ends as if it had not been; what fails says so."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from training.classifier_recipe import Optimiser, Schedule
from training.comparison.answers import answers_of
from training.comparison.architectures import build_network
from training.comparison.peak_memory import forget_peak, peak_bytes
from training.comparison.trial import TrialData, TrialSettings, run_trial
from training.comparison.trial_record import Trial, TrialResult, read_result
from training.comparison.views import Augmentation
from training.data_recipe import DataError


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Stopped(Exception):
    """The process dies here."""


def trial(**changes: Any) -> Trial:
    asked: dict[str, Any] = {
        "architecture": "resnet18",
        "setting": "cosine",
        "init": "scratch",
        "side": 32,
        "seed": 5,
        "batch": 6,
        "optimiser": Optimiser(name="adamw", lr=1e-3),
        "schedule": Schedule(epochs=3),
        "augmentation": Augmentation(mirror=True, rotation=10, erase=0.3, mixup=0.3),
        "smoothing": 0.1,
        "to_near": 0.0,
        "ema": 0.9,
        "mirror_test": True,
        "data_key": "x",
    }
    return Trial(**{**asked, **changes})


def task() -> TrialData:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(20) % 2
    pixels = torch.randint(0, 120, (20, 32, 32, 3), generator=generator, dtype=torch.uint8)
    pixels[labels == 1, ..., 0] += 120
    return TrialData(
        ("a", "b"), pixels[:12], labels[:12], torch.eye(2)[labels[:12]], pixels[12:16], labels[12:16], pixels[16:]
    )


def run(folder: Path, stop_after: int | None = None, **changes: Any) -> TrialResult:
    told: list[str] = []

    def report(line: str) -> None:
        told.append(line)
        # A checkpoint is written after the line of its epoch: the next one's line comes after it.
        if stop_after is not None and f"epoch {stop_after}/" in line:
            raise Stopped

    return run_trial(trial(**changes), task(), folder, TrialSettings("cpu", -1.0, report), test=True)


def without_times(result: TrialResult) -> dict[str, Any]:
    left = result.model_dump(exclude={"peak_bytes", "curves"})
    return left | {"curves": [each.model_dump(exclude={"seconds"}) for each in result.curves]}


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_trial_that_is_killed_ends_the_same_to_the_bit(tmp_path: Path, stop_after: int) -> None:
    whole = run(tmp_path / "whole")
    with pytest.raises(Stopped):
        run(tmp_path / "killed", stop_after)
    assert (tmp_path / "killed" / "checkpoint.pt").is_file() == (stop_after > 1)
    assert read_result(tmp_path / "killed") is None
    assert without_times(run(tmp_path / "killed")) == without_times(whole)
    one, other = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "killed"))
    assert one == other
    assert {each.name for each in (tmp_path / "killed").iterdir()} == {"trial.json", "result.json", "model.safetensors"}


def test_a_damaged_checkpoint_is_told_and_the_trial_starts_over(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    for name, size in (("empty", 0), ("cut", 3_000)):
        with pytest.raises(Stopped):
            run(tmp_path / name, stop_after=2)
        file = tmp_path / name / "checkpoint.pt"
        file.write_bytes(file.read_bytes()[:size])
        assert without_times(run(tmp_path / name)) == without_times(whole)


def test_a_finished_trial_is_not_trained_again(tmp_path: Path) -> None:
    first = run(tmp_path)
    assert run(tmp_path, stop_after=1) == first


def test_another_trial_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(DataError, match=r"trial\.json: this trial began with other settings"):
        run(tmp_path, seed=6)


def test_a_damaged_result_is_told(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "result.json").write_text("{", "utf-8")
    with pytest.raises(DataError, match=r"result\.json: damaged"):
        run(tmp_path)


def test_the_weights_that_are_kept_are_the_best_ones_on_validation(tmp_path: Path) -> None:
    result = run(tmp_path)
    merits = [each.merit for each in result.curves]
    assert result.best is not None
    assert result.best.merit == max(merits)
    assert result.best_epoch == merits.index(max(merits)) + 1


def test_the_weights_of_an_earlier_epoch_are_kept_where_they_were_better(tmp_path: Path) -> None:
    # The labels of the validation part are turned round, so that what is learned makes it worse there.
    data = task()
    turned = dataclasses.replace(data, val_labels=1 - data.val_labels)
    asked = trial(schedule=Schedule(epochs=4), optimiser=Optimiser(name="adamw", lr=3e-3), ema=0.0)
    result = run_trial(asked, turned, tmp_path, TrialSettings(report=lambda _: None), test=True)
    assert result.best is not None
    assert result.best_epoch < len(result.curves)
    network = build_network("resnet18", 2, "scratch", 32)
    network.load_state_dict(load_file(tmp_path / "model.safetensors"), strict=False)
    answers = answers_of(network, turned.val, mirror=True, half=False)
    assert answers.loss(turned.val_labels) == pytest.approx(result.best.val_loss, rel=1e-4)
    tested = answers_of(network, turned.test, mirror=True, half=False).predicted
    assert tuple(int(each) for each in tested) == result.test_predicted


def test_a_rate_at_which_the_loss_is_lost_is_a_failure_and_no_error(tmp_path: Path) -> None:
    wild = Optimiser(name="sgd", lr=1e30, clip_norm=1e30)
    result = run(tmp_path, optimiser=wild, ema=0.0)
    assert result.failure is not None
    assert "no number any more" in result.failure


def test_another_seed_learns_otherwise(tmp_path: Path) -> None:
    one, other = (run(tmp_path / str(seed), seed=seed, schedule=Schedule(epochs=1)) for seed in (5, 6))
    assert one.curves[0].train_loss != other.curves[0].train_loss


def test_the_peak_of_memory_is_that_of_one_trial() -> None:
    forget_peak("cpu")
    before = peak_bytes("cpu")
    if before is None:
        pytest.skip("this system does not tell it")
    large = torch.ones(50_000_000)
    during = peak_bytes("cpu")
    assert during is not None
    assert during - before > 150_000_000
    del large
