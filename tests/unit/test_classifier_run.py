import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from inference.architectures import build_classifier
from tests.tiny_photos import coloured_photos
from training.classifier_recipe import ClassifierRecipe, load_classifier_recipe
from training.classifier_run import CURVES, RunSettings, train_classifier
from training.data_recipe import DataError
from training.photo import Photo
from training.pixel_cache import PixelCache, open_pixel_cache


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in one order, whatever the machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@dataclass(frozen=True)
class Data:
    """60 photos to train on, 12 to validate on, and their pixels."""

    train: list[Photo]
    val: list[Photo]
    cache: PixelCache


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    root = tmp_path_factory.mktemp("photos")
    photos = coloured_photos(root, per_label=18)
    cache = open_pixel_cache(root / "cache", root, photos, 288, workers=1)
    val = photos[::6]
    return Data([photo for photo in photos if photo not in val], val, cache)


def _recipe(**changes: object) -> ClassifierRecipe:
    """Twenty steps of a small network: four epochs of five batches of twelve."""
    base: dict[str, object] = {
        "name": "tiny",
        "architecture": "resnet18",
        "init": "scratch",
        "probe": False,
        "side": 32,
        "batch": 12,
        "batch_norm": "train",
        "ema": 0.5,
        "optimiser": {"lr": 1e-3},
        "schedule": {"epochs": 4},
    }
    return ClassifierRecipe.model_validate(base | changes)


def _train(data: Data, recipe: ClassifierRecipe, settings: RunSettings) -> Path:
    return train_classifier(recipe, data.train, data.val, data.cache, settings)


def _quiet(line: str) -> None:
    assert line


def _state(folder: Path) -> dict[str, Tensor]:
    saved = torch.load(folder / "checkpoint.pt", weights_only=True)
    assert saved["step"] == 20
    state: dict[str, Tensor] = saved["network"]
    return state


def _curves(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def finished(data: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an uninterrupted run of ``_recipe()``."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("runs") / "whole"
    _train(data, _recipe(), RunSettings(folder, report=_quiet))
    return folder


class _StoppedError(Exception):
    pass


def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(
    data: Data, finished: Path, tmp_path: Path
) -> None:
    def stop_on_the_way(line: str) -> None:
        if line.startswith("step 7/20"):
            raise _StoppedError

    told: list[str] = []
    with pytest.raises(_StoppedError):
        _train(data, _recipe(), RunSettings(tmp_path, checkpoint_seconds=0, report=stop_on_the_way))
    _train(data, _recipe(), RunSettings(tmp_path, report=told.append))
    assert told[0] == "going on from step 6 of 20"
    learned, best = _state(tmp_path), load_file(tmp_path / "model.safetensors")
    for name, value in _state(finished).items():
        assert torch.equal(learned[name], value), name
    for name, value in load_file(finished / "model.safetensors").items():
        assert torch.equal(best[name], value), name
    assert [row["step"] for row in _curves(tmp_path)] == [row["step"] for row in _curves(finished)]


def test_everything_that_is_not_frozen_learns(data: Data, finished: Path) -> None:
    torch.manual_seed(_recipe().seed)
    before = build_classifier("resnet18").state_dict()
    after = _state(finished)
    for name, _ in build_classifier("resnet18").named_parameters():
        assert (after[name] != before[name]).any(), name
    assert (after["backbone.bn1.running_mean"] != before["backbone.bn1.running_mean"]).any()


def test_frozen_blocks_and_frozen_batch_norm_keep_their_values(data: Data, tmp_path: Path) -> None:
    recipe = _recipe(batch_norm="frozen", schedule={"epochs": 0.4}, optimiser={"lr": 1e-4, "frozen_blocks": 2})
    _train(data, recipe, RunSettings(tmp_path, report=_quiet))
    torch.manual_seed(recipe.seed)
    before = build_classifier("resnet18").state_dict()
    after = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["network"]
    frozen = ("backbone.conv1", "backbone.bn1", "backbone.layer1")
    for name, value in before.items():
        kept = name.startswith(frozen) or "running_" in name or "num_batches" in name
        assert torch.equal(after[name], value) == kept, name


def test_the_run_folder_tells_what_was_asked_and_how_it_went(data: Data, finished: Path) -> None:
    assert load_classifier_recipe(str(finished / "recipe.yaml")) == _recipe()
    rows = _curves(finished)
    assert tuple(rows[0]) == CURVES
    assert [row["step"] for row in rows] == ["0", "5", "10", "15", "20"]
    assert float(rows[-1]["loss"]) < float(rows[1]["loss"])
    assert float(rows[-1]["val_nll"]) < float(rows[0]["val_nll"])
    assert rows[0]["loss"] == "nan"
    assert float(rows[-1]["lr"]) == pytest.approx(0, abs=1e-9)
    assert not list(finished.glob("*.part"))


def test_a_fresh_run_in_an_old_folder_starts_new_curves(data: Data, tmp_path: Path) -> None:
    recipe = _recipe(schedule={"epochs": 0.2})
    for _ in range(2):
        _train(data, recipe, RunSettings(tmp_path, resume=False, report=_quiet))
    assert [row["step"] for row in _curves(tmp_path)] == ["0", "1"]


def test_a_finished_run_that_is_called_again_changes_nothing(data: Data, finished: Path, tmp_path: Path) -> None:
    for file in finished.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    _train(data, _recipe(), RunSettings(tmp_path, report=_quiet))
    for name in ("model.safetensors", "metrics.csv", "recipe.yaml"):
        assert (tmp_path / name).read_bytes() == (finished / name).read_bytes()


def test_the_start_can_be_averaged_back_in_at_the_end(data: Data, tmp_path: Path) -> None:
    recipe = _recipe(schedule={"epochs": 0.4}, keep_start=0.5)
    _train(data, recipe, RunSettings(tmp_path, report=_quiet))
    assert [row["step"] for row in _curves(tmp_path)] == ["0", "2", "2"]


def test_a_student_learns_from_a_teacher_who_sees_larger_views(data: Data, finished: Path, tmp_path: Path) -> None:
    taught = {"teachers": [str(finished)], "side": 48, "weight": 0.5, "temperature": 2.0}
    recipe = _recipe(schedule={"epochs": 0.4}, distillation=taught)
    _train(data, recipe, RunSettings(tmp_path, report=_quiet))
    rows = _curves(tmp_path)
    assert math.isfinite(float(rows[-1]["loss"]))


def test_a_run_goes_on_from_another_runs_weights(data: Data, finished: Path, tmp_path: Path) -> None:
    recipe = _recipe(init=f"run:{finished}", schedule={"epochs": 0.2})
    _train(data, recipe, RunSettings(tmp_path, report=_quiet))
    best = min(float(row["val_nll"]) for row in _curves(finished))
    assert float(_curves(tmp_path)[0]["val_nll"]) == pytest.approx(best, rel=1e-4)


def test_a_probe_gives_the_heads_a_better_start(data: Data, finished: Path, tmp_path: Path) -> None:
    recipe = _recipe(probe=True, init=f"run:{finished}", schedule={"epochs": 0.2})
    _train(data, recipe, RunSettings(tmp_path, report=_quiet))
    assert float(_curves(tmp_path)[0]["val_top1"]) == 1


@pytest.mark.parametrize("empty", ["train", "val"])
def test_nothing_to_learn_from_or_to_validate_on_is_refused(data: Data, tmp_path: Path, empty: str) -> None:
    nonwaste = [photo for photo in data.train if not photo.is_waste]
    parts = {"train": data.train, "val": data.val, empty: nonwaste}
    with pytest.raises(DataError, match="train and val"):
        train_classifier(_recipe(), parts["train"], parts["val"], data.cache, RunSettings(tmp_path))
