"""``bunri train compare`` as a process: one command, killed and given again, and what it says of bad input."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bunri.cli import main
from tests.comparison_tasks import draw_task, write_boxes, write_recipe
from tests.conftest import PROJECT_ROOT
from training.data_recipe import DataError

TWO: dict[str, Any] = {
    "architectures": ["resnet18", "alexnet"],
    "steps": [{"step": "resize_keep_aspect", "side": 64}],
    "search": {"rates": [1e-3, 1e-4], "rungs": [{"epochs": 1, "keep": 1}]},
    "own": {"alexnet": {"rates": [1e-4]}},
    "augmentation": {"mirror": True, "erase": 0.2, "mixup": 0.2},
    "settings": [{"name": "cosine", "schedule": {"name": "cosine", "epochs": 3}}],
}
TIMES = re.compile(r"\d+\.\d \| ([\d,]+ MiB|-) \| \d+\.\d M \| \d+\.\d ms \(.*\)")


def arguments(folder: Path, run: str, recipe: Path) -> list[str]:
    places = ["--data", str(folder / "data"), "--out", str(folder / run), "--cache", str(folder / "cache")]
    return ["train", "compare", str(recipe), *places, "--device", "cpu", "--threads", "1", "--checkpoint-seconds", "0"]


def process(folder: Path, run: str, recipe: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bunri.cli", *arguments(folder, run, recipe)]
    return subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)


def table(run: Path) -> list[str]:
    """The report's rows, without what a clock or the machine decides."""
    lines = (run / "report.md").read_text("utf-8").splitlines()
    return [TIMES.sub("", line) for line in lines if line.startswith("|")]


def answers(run: Path) -> dict[str, Any]:
    found = {}
    for file in sorted(run.glob("trials/*/*/result.json")):
        result = json.loads(file.read_text("utf-8"))
        curves = [{key: value for key, value in each.items() if key != "seconds"} for each in result["curves"]]
        found[str(file.relative_to(run))] = (curves, result["test_predicted"])
    return found


@pytest.mark.parametrize(
    ("at", "left"),
    [
        ("resnet18: rate", "resnet18/search1-0.001/result.json"),
        ("resnet18/cosine-seed0 epoch 2/3", "resnet18/cosine-seed0/checkpoint.pt"),
    ],
)
def test_a_run_that_is_killed_and_given_again_has_the_same_table(tmp_path: Path, at: str, left: str) -> None:
    draw_task(tmp_path / "data")
    recipe = write_recipe(tmp_path, **TWO)
    killed = process(tmp_path, "killed", recipe)
    assert killed.stdout is not None
    for line in killed.stdout:
        if line.startswith(at):
            break
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not (tmp_path / "killed" / "report.md").exists()
    assert (tmp_path / "killed" / "trials" / left).is_file()
    for run in ("killed", "whole"):
        told, _ = process(tmp_path, run, recipe).communicate()
        assert told.splitlines()[-1] == f"report: {tmp_path / run / 'report.md'}"
    assert len(answers(tmp_path / "whole")) == 4
    assert answers(tmp_path / "killed") == answers(tmp_path / "whole")
    assert table(tmp_path / "killed") == table(tmp_path / "whole")
    assert any("| **alexnet** | cosine | scratch | 0.0001 |" in line for line in table(tmp_path / "whole"))


def failed(folder: Path, recipe: Path, *more: str) -> str:
    """The one line on stderr of a command that fails before it trains anything."""
    outcome = CliRunner().invoke(main, [*arguments(folder, "run", recipe), *more])
    assert outcome.exit_code == 1, outcome.output
    assert not (folder / "run" / "trials").exists()
    [line] = outcome.stderr.splitlines()
    return line


BOX = {"image": "red_0.png", "label": "red", "bbox": [1, 1, 20, 20]}
ANNOTATED = {"photos": {"folder": "task", "pattern": "*.png", "annotations": "boxes.json"}}


@pytest.mark.parametrize(
    ("boxes", "told"),
    [
        ([BOX, {**BOX, "bbox": [90, 90, 99, 99]}], r"boxes\.json: entry 2: the box .* outside of red_0\.png"),
        ([BOX, {"image": "red_0.png", "bbox": [1, 1, 2, 2]}], r"boxes\.json: entry 2: label: Field required"),
        ([BOX, {**BOX, "image": "gone.png"}], r"boxes\.json: entry 2: there is no photo gone\.png"),
    ],
)
def test_bad_boxes_are_told_with_file_and_entry_before_training(tmp_path: Path, boxes: list[Any], told: str) -> None:
    draw_task(tmp_path / "data", per_label=8, side=32)
    write_boxes(tmp_path / "data", boxes)
    assert re.search(told, failed(tmp_path, write_recipe(tmp_path, **ANNOTATED)))


def test_broken_json_and_unreadable_photos_are_told_before_training(tmp_path: Path) -> None:
    draw_task(tmp_path / "data", per_label=8, side=32)
    recipe = write_recipe(tmp_path, **ANNOTATED)
    assert "boxes.json: cannot be read" in failed(tmp_path, recipe)
    (tmp_path / "data" / "task" / "boxes.json").write_text('[{"image": ', "utf-8")
    assert re.search(r"boxes\.json: line 1, column \d+: no JSON", failed(tmp_path, recipe))
    write_boxes(tmp_path / "data", [])
    (tmp_path / "data" / "task" / "red_1.png").write_bytes(b"")
    assert re.search(r"red_1\.png: empty", failed(tmp_path, recipe))


def test_unknown_names_are_told_before_training(tmp_path: Path) -> None:
    draw_task(tmp_path / "data", per_label=12, side=32)
    assert "does not train alexnet" in failed(tmp_path, write_recipe(tmp_path), "--architecture", "alexnet")
    assert "architectures.0" in failed(tmp_path, write_recipe(tmp_path, architectures=["vgg"]))
    assert "'sharpen'" in failed(tmp_path, write_recipe(tmp_path, steps=[{"step": "sharpen"}]))
    near = {"name": "x", "group": "(x)", "pairs": [["red", "pink"]]}
    assert "no picture has the label pink" in failed(tmp_path, write_recipe(tmp_path, near=near))


def test_weights_that_cannot_be_had_are_told_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_task(tmp_path / "data", per_label=12, side=32)
    monkeypatch.setattr("training.comparison.architectures.package_weights", missing)
    packaged = {"name": "lite", "role": "beside", "init": "package", "architectures": ["efficientnet_lite0"]}
    changes = {
        "architectures": ["resnet18", "efficientnet_lite0"],
        "settings": [
            {"name": "cosine", "schedule": {"epochs": 1}, "architectures": ["resnet18"]},
            {**packaged, "lr": 0.1, "schedule": {"epochs": 1}},
        ],
    }
    assert "pip install it" in failed(tmp_path, write_recipe(tmp_path, **changes))
    assert not list(tmp_path.rglob("result.json"))


def missing(name: str) -> dict[str, Any]:
    raise DataError(f"the weights of {name} are missing: pip install it")


def test_what_an_architecture_cannot_see_is_told_before_another_is_trained(tmp_path: Path) -> None:
    draw_task(tmp_path / "data", per_label=12, side=32)
    recipe = write_recipe(tmp_path, architectures=["resnet18", "alexnet"])
    assert "alexnet needs pictures of at least 63 px, not 32" in failed(tmp_path, recipe)


def test_a_run_goes_on_with_the_recipe_it_began_with_or_starts_over(tmp_path: Path) -> None:
    draw_task(tmp_path / "data", per_label=12, side=32)

    def invoke(recipe: Path, *more: str) -> Any:
        return CliRunner().invoke(main, [*arguments(tmp_path, "run", recipe), *more])

    assert invoke(write_recipe(tmp_path)).exit_code == 0
    before = answers(tmp_path / "run")
    changed = write_recipe(tmp_path, batch=8, smoothing=0.1)
    refused = invoke(changed)
    assert refused.exit_code == 1
    assert "this run began with another batch, smoothing; use --fresh or another --out" in refused.stderr
    assert answers(tmp_path / "run") == before
    assert invoke(changed, "--fresh").exit_code == 0
    assert answers(tmp_path / "run").keys() == before.keys()
    assert answers(tmp_path / "run") != before


def test_starting_over_with_one_architecture_leaves_the_others(tmp_path: Path) -> None:
    draw_task(tmp_path / "data", per_label=12, side=64)
    recipe = write_recipe(tmp_path, **{**TWO, "own": {}, "search": {"rates": [1e-4], "rungs": TWO["search"]["rungs"]}})
    command = arguments(tmp_path, "run", recipe)
    assert CliRunner().invoke(main, command).exit_code == 0
    kept, again = (tmp_path / "run" / "trials" / name for name in ("alexnet", "resnet18"))
    times = [folder.stat().st_ctime_ns for folder in (kept, again)]
    assert CliRunner().invoke(main, [*command, "--fresh", "--architecture", "resnet18"]).exit_code == 0
    assert kept.stat().st_ctime_ns == times[0]
    assert again.stat().st_ctime_ns != times[1]


def test_a_report_needs_a_run_and_training_needs_data(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path)
    command = ["train", "compare", str(recipe), "--out", str(tmp_path / "run")]
    outcome = CliRunner().invoke(main, [*command, "--report-only"])
    assert outcome.exit_code == 1
    assert "no run of bunri train compare" in outcome.stderr
    assert CliRunner().invoke(main, command).exit_code == 2
