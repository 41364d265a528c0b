"""``bunri evaluate`` as a process of its own, with a real network."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inference.labels import LABELS, Label
from tests.conftest import PROJECT_ROOT, SHARED_DATA

PHOTOS_A_LABEL = 10
# Far below what any model worth shipping reaches on photos that it was in part trained on.
LEAST_ACCURACY = 0.8
_LABELLED = SHARED_DATA / "waste" / "garbage-v2"
_NO_WASTE = SHARED_DATA / "nonwaste"


def bunri(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from bunri.cli import main; main()", *map(str, arguments)],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def test_a_real_network_scores_a_folder_and_says_what_it_could_not_read(tiny_weights: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for label in (Label.METAL, Label.PAPER):
        (tmp_path / label).mkdir()
        for number in range(3):
            noise = rng.integers(0, 256, (80, 100, 3), dtype=np.uint8)
            Image.fromarray(noise).save(tmp_path / label / f"{number}.jpg")
    (tmp_path / Label.PAPER / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    done = bunri("evaluate", tmp_path, "--json", BUNRI_INFERENCE__WEIGHTS=str(tiny_weights))
    found = document(done)
    assert done.returncode == 1
    assert done.stderr == "1 of 7 photos could not be read\n"
    assert found["photos"] == found["waste"]["accuracy"]["total"] == 6
    assert np.sum(found["waste"]["confusion"]["counts"]) == 6
    assert [each["file"] for each in found["unreadable"]] == ["paper/broken.jpg"]


def test_an_unknown_folder_is_wrong_usage_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "bottles").mkdir()
    done = bunri("evaluate", tmp_path)
    assert done.returncode == 2
    assert "unknown folder bottles" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not (PROJECT_ROOT / "weights" / "index.json").is_file(), reason="no shipped weights here")
@pytest.mark.skipif(not _LABELLED.is_dir(), reason=f"no photos in {_LABELLED}")
def test_the_shipped_weights_know_real_photos(tmp_path: Path) -> None:
    for folder in sorted(path for path in _LABELLED.iterdir() if path.is_dir()):
        (tmp_path / folder.name).mkdir()
        photos = sorted(folder.iterdir())
        for photo in photos[:: max(1, len(photos) // PHOTOS_A_LABEL)][:PHOTOS_A_LABEL]:
            (tmp_path / folder.name / photo.name).symlink_to(photo)
    (tmp_path / "nonwaste").mkdir()
    for photo in sorted(_NO_WASTE.glob("*.webp"))[:PHOTOS_A_LABEL]:
        (tmp_path / "nonwaste" / photo.name).symlink_to(photo)
    done = bunri("evaluate", tmp_path, "--json", "--pictures", tmp_path / "pictures")
    found = document(done)
    assert done.returncode == 0
    # The data set has its glass in one folder, where any of the three colours is right.
    assert len(found["waste"]["folders"]) == len(LABELS) - 2
    assert found["waste"]["accuracy"]["value"] >= LEAST_ACCURACY
    assert found["not_waste"]["auroc"]["value"] > 0.5
    assert len(list((tmp_path / "pictures").glob("*.png"))) == 3
