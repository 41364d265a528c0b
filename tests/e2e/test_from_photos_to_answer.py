"""The whole loop on tiny photos, as an operator types it: train, pack, verify, classify."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inference.labels import LABELS
from tests.tiny_photos import coloured_photos
from training.photo import Photo
from training.split import Assigned, Part, write_split

RECIPE = """\
name: tiny
architecture: resnet18
init: scratch
probe: false
side: 32
batch: 8
batch_norm: train
ema: 0.9
optimiser: {name: adamw, lr: 2.0e-3}
schedule: {name: cosine, epochs: 6}
"""


def _split(root: Path, file: Path) -> None:
    """Eight of each colour train; the rest tune, test and play strangers. Red is a battery: thresholds need some."""
    rows = []
    for group, photo in enumerate(coloured_photos(root, per_label=14)):
        number = int(Path(photo.path).stem)
        part = Part.TRAIN if number < 8 else (Part.VAL, Part.TEST, Part.STRANGERS)[number % 3]
        if photo.is_waste or part is not Part.STRANGERS:
            labels = ("battery",) if photo.labels == ("metal",) else photo.labels
            rows.append(Assigned(Photo(photo.path, labels, photo.source), part, group))
    write_split(file, rows)


def _bunri(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"BUNRI_INFERENCE__WEIGHTS": str(folder / "weights"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "bunri.cli", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operator")
    (folder / "tiny.yaml").write_text(RECIPE, "utf-8")
    (folder / "weights").mkdir()
    _split(folder / "photos", folder / "split.csv")
    common = ("--data", str(folder / "photos"), "--split", str(folder / "split.csv"))
    trained = _bunri(folder, "train", "classifier", "tiny.yaml", *common, "--device", "cpu", "--threads", "1")
    assert trained.returncode == 0, trained.stderr
    made = _bunri(folder, "weights", "pack", "runs/tiny", *common, "--version", "7", "--default")
    assert made.returncode == 0, made.stderr
    return folder


def test_the_packed_weights_say_what_they_are_and_not_whose_disk_they_came_from(packed: Path) -> None:
    folder = packed / "weights" / "tiny"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["labels"] == [str(label) for label in LABELS]
    assert 0.0 <= manifest["figures"]["test_top1"] <= 1.0
    assert manifest["figures"]["backends_agree"] >= 0.8
    written = [file.read_text("utf-8") for file in (folder / "manifest.json", folder / "MODEL_CARD.md")]
    written.append((packed / "weights" / "README.md").read_text("utf-8"))
    assert not any(str(packed) in text for text in written)
    assert "bunri weights pack runs/tiny --data DATA --split split.csv" in written[0]


def test_the_packed_weights_verify(packed: Path) -> None:
    verified = _bunri(packed, "weights", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "tiny (default)" in verified.stdout


def test_the_packed_weights_answer(packed: Path) -> None:
    answered = _bunri(packed, "classify", "--json", "photos/plastic/9.png")
    assert answered.returncode == 0, answered.stderr
    answer = json.loads(answered.stdout)
    assert answer["model"] == "tiny 7"
    assert sum(top["p"] for top in answer["top"]) == pytest.approx(1.0, abs=0.35)


def test_a_run_without_weights_is_refused_in_one_line(packed: Path) -> None:
    (packed / "runs" / "empty").mkdir(parents=True, exist_ok=True)
    refused = _bunri(
        packed, "weights", "pack", "runs/empty", "--data", "photos", "--split", "split.csv", "--version", "1"
    )
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "Traceback" not in refused.stderr
