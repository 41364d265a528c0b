"""``bunri evaluate gan`` on a tiny generator and a tiny data set: figures, card, contact sheet, pairs."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

from bunri.commands import evaluate
from inference.classifier import open_classifier
from inference.decode import DecodeLimits
from inference.generator_manifest import load_generator_manifest
from inference.generator_network import Generator
from inference.labels import LABELS
from tests.generator_fixture import GENERATOR_NAME, generating_weights, packed_generator
from tests.tiny_photos import scene, write_photo
from training.gan.checkpoint_score import CheckpointScore
from training.gan.features import PictureFeatures
from training.gan.pictures import Pictures, RealPictures
from training.gan.vanilla_recipe import VanillaRecipe
from training.gan.vanilla_run import VanillaRunSettings, train_vanilla

__all__ = ["generating_weights", "packed_generator"]


@pytest.fixture
def data(tmp_path: Path) -> tuple[Path, Path]:
    """Photos of each label in both parts, and their split."""
    root = tmp_path / "data"
    rows: list[list[str]] = []
    for number, label in enumerate(LABELS):
        for part, several in (("train", 3), ("test", 2)):
            for copy in range(several):
                name = f"{label.value}-{part}-{copy}.jpg"
                write_photo(root / "waste", name, scene(100 * number + 10 * copy + (part == "test")))
                rows.append([f"waste/{name}", label.value, "garbage-v2", part, str(len(rows))])
    split = tmp_path / "split.csv"
    with split.open("w", newline="") as stream:
        csv.writer(stream).writerows([["path", "labels", "source", "part", "group"], *rows])
    return root, split


def measured(
    weights: Path, data: tuple[Path, Path], folder: Path, monkeypatch: pytest.MonkeyPatch, *more: str
) -> Result:
    monkeypatch.setenv("BUNRI_INFERENCE__WEIGHTS", str(weights))
    monkeypatch.setenv("BUNRI_INFERENCE__BACKEND", "openvino")
    torch.set_num_threads(1)
    given = [
        "gan",
        "--data",
        str(data[0]),
        "--split",
        str(data[1]),
        "--cache",
        str(folder / "cache"),
        "--per-label",
        "10",
    ]
    return CliRunner().invoke(evaluate.command, [*given, *more])


def test_a_generator_is_measured_and_its_card_written(
    generating_weights: Path, data: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = tmp_path / "pairs.jpg"
    baseline = tmp_path / "vanilla"
    train_vanilla(
        VanillaRecipe(name="tiny", kind="vanilla", kimg=0.048, batch=4),
        Pictures(torch.zeros(12, 3, 64, 64, dtype=torch.uint8), torch.arange(12), tuple(map(str, range(12)))),
        VanillaRunSettings(baseline, report=lambda _: None),
    )
    compared = ("--compare", "--baseline", str(baseline))
    wanted = ("--candidates", "2", "--card", "--json", "--pairs", str(pairs))
    done = measured(generating_weights, data, tmp_path, monkeypatch, *wanted, *compared)
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert figures["pictures"] == 120
    assert 0 <= figures["recognised_least"] <= figures["recognised"] <= 1
    assert figures["kid"] > figures["kid_real"]
    found = load_generator_manifest(generating_weights)
    assert found is not None
    manifest, folder = found
    assert manifest.figures["recognised"] == pytest.approx(figures["recognised"])
    card = (folder / "MODEL_CARD.md").read_text()
    assert "**missed**" in card, "an untrained generator reaches no target"
    assert f"--name {GENERATOR_NAME}" in card
    assert "| | as served | one candidate | truncation 0.8 | baseline |" in card
    assert "`bunri train gan tiny`" in card
    assert manifest.truncation == 1
    assert figures["kid_to_baseline"] == pytest.approx(figures["kid"] / figures["baseline/kid"])
    assert figures["truncation 0.8/diversity_ratio"] != figures["diversity_ratio"]
    sheets = (folder / "contact.jpg", (640, 768)), (folder / "baseline.jpg", (640, 768)), (pairs, (4 * 128, 6 * 64))
    for file, size in sheets:
        with Image.open(file) as sheet:
            assert sheet.size == size


def test_a_folder_that_is_no_run_of_the_baseline_is_refused_before_anything_is_measured(
    generating_weights: Path, data: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = measured(generating_weights, data, tmp_path, monkeypatch, "--baseline", str(tmp_path))
    assert done.exit_code == 1
    assert f"{tmp_path} is no run of the baseline" in done.output
    assert "looking at" not in done.output


def test_without_a_generator_that_is_one_clear_line(
    own_weights: Path, data: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = measured(own_weights, data, tmp_path, monkeypatch)
    assert done.exit_code == 1
    assert "holds no generator" in done.output


def test_a_folder_is_still_scored_and_both_have_help() -> None:
    for arguments, words in ((["--help"], "DIR"), (["gan", "--help"], "generator")):
        done = CliRunner().invoke(evaluate.command, arguments)
        assert done.exit_code == 0
        assert words in done.output


def test_a_checkpoint_is_measured_by_the_same_figures(tiny_weights: Path) -> None:
    rng = np.random.default_rng(5)
    labels = torch.arange(len(LABELS)).repeat_interleave(3)
    pixels = torch.from_numpy(rng.integers(0, 256, (len(labels), 3, 64, 64), dtype=np.uint8))
    train, held_out = (
        Pictures(part, labels, tuple(str(place) for place in range(len(labels)))) for part in (pixels, pixels.flip(2))
    )
    classifier = open_classifier(tiny_weights, backend="openvino", limits=DecodeLimits(), threads=1)
    torch.manual_seed(1)
    try:
        score = CheckpointScore(RealPictures(train, held_out), classifier, PictureFeatures("cpu"), per_label=3)
        figures = score(Generator(64, 8).eval(), 1.0)
    finally:
        classifier.close()
    shares = ("recognised", "precision", "recall", "coverage", "classification_accuracy_score", "authentic")
    assert all(0 <= figures[name] <= 1 for name in shares)
    # A generator that has learned nothing lies far from noise of one pixel, and copies none of it.
    assert figures["kid"] > 0
    assert (figures["precision"], figures["copies"]) == (0, 0)
    assert 0 <= figures["score"] < 1
    assert sum(name.startswith("recognised_") and name != "recognised_real" for name in figures) == len(LABELS)
