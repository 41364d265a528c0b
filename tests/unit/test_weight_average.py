"""Averaging runs: the mean of their weights, in the shares that were asked for."""

from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from inference.architectures import build_classifier
from training.data_recipe import DataError
from training.weight_average import average_runs


def _run(folder: Path, seed: int, side: int = 32) -> Path:
    torch.manual_seed(seed)
    recipe = {
        "name": folder.name,
        "architecture": "resnet18",
        "init": "scratch",
        "side": side,
        "optimiser": {"lr": 0.1},
        "schedule": {"epochs": 1},
    }
    folder.mkdir()
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), "utf-8")
    state = build_classifier("resnet18").state_dict()
    save_file({name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors")
    return folder


def test_the_average_lies_between_the_runs_in_the_shares_asked_for(tmp_path: Path) -> None:
    runs = [_run(tmp_path / "a", 1), _run(tmp_path / "b", 2)]
    averaged = load_file(average_runs(runs, [3.0, 1.0], tmp_path / "mean"))
    a, b = (load_file(run / "model.safetensors")["label_head.weight"] for run in runs)
    torch.testing.assert_close(averaged["label_head.weight"], 0.75 * a + 0.25 * b)


def test_the_average_is_a_run_that_tells_what_it_is_made_of(tmp_path: Path) -> None:
    runs = [_run(tmp_path / "a", 1), _run(tmp_path / "b", 2)]
    average_runs(runs, [1.0, 1.0], tmp_path / "mean")
    made_of = yaml.safe_load((tmp_path / "mean" / "average.yaml").read_text("utf-8"))
    assert [part["share"] for part in made_of] == [0.5, 0.5]
    assert yaml.safe_load((tmp_path / "mean" / "recipe.yaml").read_text("utf-8"))["name"] == "mean"


def test_runs_that_see_different_squares_are_not_averaged(tmp_path: Path) -> None:
    runs = [_run(tmp_path / "a", 1), _run(tmp_path / "b", 2, side=64)]
    with pytest.raises(DataError, match="one architecture"):
        average_runs(runs, [1.0, 1.0], tmp_path / "mean")


@pytest.mark.parametrize("shares", [[1.0], [1.0, 0.0], [1.0, -1.0]])
def test_shares_must_be_positive_and_one_for_each_run(tmp_path: Path, shares: list[float]) -> None:
    runs = [_run(tmp_path / "a", 1), _run(tmp_path / "b", 2)]
    with pytest.raises(DataError, match="one positive share"):
        average_runs(runs, shares, tmp_path / "mean")
