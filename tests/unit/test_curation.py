"""Which exported photos somebody should look at again."""

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageFilter

from bunri.cli import main
from inference.labels import LABELS
from inference.preprocess import Bars
from tests.conftest import PROJECT_ROOT, SHARED_DATA
from tests.tiny_photos import coloured_photos, scene, write_photo
from training.check.suspects import Suspect
from training.curation import BLURRED, DARK, Finding, ListedPhoto, Reason, curate
from training.photo import Photo, read_pixels
from training.picture_quality import Quality, quality
from training.scan import Scanned
from training.split import Part, read_split


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Photos that a probe learns in seconds, and a fault of each kind."""
    folder = tmp_path / "export"
    photos = coloured_photos(folder / "images", per_label=8)
    rows = [(f"images/{photo.path}", photo.path, photo.labels[0]) for photo in photos if photo.is_waste]
    sharp = scene(7, 200, 260)
    blurred = np.asarray(Image.fromarray(sharp).filter(ImageFilter.GaussianBlur(6)))
    for name, pixels, label in (
        ("twin-a", scene(1, 200, 260), "metal"),
        ("twin-b", scene(1, 200, 260), "paper"),
        ("copy-a", scene(2, 200, 260), ""),
        ("copy-b", scene(2, 200, 260)[:, ::-1], ""),
        ("blurred", blurred, ""),
        ("dark", (scene(3, 200, 260) * 0.1).astype(np.uint8), ""),
        ("fine", scene(4, 200, 260), ""),
    ):
        write_photo(folder, f"images/{name}.png", pixels)
        rows.append((f"images/{name}.png", name, label))
    (folder / "images" / "broken.png").write_bytes(b"no photo")
    rows.append(("images/broken.png", "=broken", "shoes"))
    with (folder / "metadata.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("file_name", "item_id", "label"), *rows])
    return folder


def curated(export: Path, *more: str) -> tuple[dict[str, dict[str, str]], str]:
    queue = export.parent / "out" / "queue.csv"
    words = ["data", "curate", str(export), "-o", str(queue), "--processes", "1", *more]
    done = CliRunner().invoke(main, [*words, "--cache", str(export.parent / "cache")])
    assert done.exit_code == 0, done.output
    with queue.open(newline="") as stream:
        return {row["item_id"]: row for row in csv.DictReader(stream)}, done.output


def test_every_kind_of_fault_is_queued_with_its_reason_and_what_is_fine_is_not(export: Path) -> None:
    queue, told = curated(export, "--no-probe")
    assert queue["twin-a"]["reasons"] == queue["twin-b"]["reasons"] == Reason.CONFLICT
    assert queue["copy-b"]["reasons"] == Reason.DUPLICATE
    assert queue["blurred"]["reasons"] == Reason.BLURRED
    assert queue["dark"]["reasons"] == Reason.DARK
    assert queue["metal/0.png"]["reasons"] == Reason.TINY
    assert queue["'=broken"]["reasons"] == Reason.UNREADABLE
    assert not {"fine", "copy-a"} & set(queue)
    assert next(iter(queue)) in {"twin-a", "twin-b"}
    assert "short of 1,000 labelled photos: " in told
    assert f"{LABELS[0].value} 1000" in told
    assert "metal 991" in told


def test_a_label_that_the_probe_doubts_is_queued_with_what_it_may_be() -> None:
    photo = Photo("a.jpg", ("plastic",), "export")
    listed = [ListedPhoto("a.jpg", "one", "plastic"), ListedPhoto("gone.jpg", "two", "")]
    seen = Scanned(photo, 200, 200, "digest", 1, 2, Bars(), Quality(500.0, 200.0))
    suspects = [Suspect(photo, "plastic", "metal", 0.01)]
    found = curate(listed, [seen], suspects, distance=6)
    assert found.findings == (
        Finding("one", "plastic", "metal", (Reason.MISLABEL,)),
        Finding("two", "", "", (Reason.UNREADABLE,)),
    )
    assert (found.missing["plastic"], found.missing["metal"]) == (999, 1000)


def test_the_probe_runs_over_what_is_labelled(export: Path) -> None:
    queue, _ = curated(export)
    assert queue["twin-a"]["reasons"].startswith(Reason.CONFLICT)


def test_what_is_no_export_is_said_in_a_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["data", "curate", str(tmp_path), "-o", str(tmp_path / "queue.csv")])
    assert done.exit_code == 1
    assert "no metadata.csv" in done.stderr
    (tmp_path / "metadata.csv").write_text("file_name,item_id,label\n../../elsewhere.jpg,a,metal\n")
    done = CliRunner().invoke(main, ["data", "curate", str(tmp_path), "-o", str(tmp_path / "queue.csv")])
    assert done.exit_code == 1
    assert "leads out of the export" in done.stderr


def test_sharpness_falls_with_blur_and_brightness_with_light() -> None:
    pixels = scene(9, 300, 400)
    blurred = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(8)))
    assert quality(pixels).sharpness > BLURRED > quality(blurred).sharpness
    assert quality(pixels).brightness > DARK > quality((pixels * 0.1).astype(np.uint8)).brightness
    plain = quality(np.full((1, 1, 3), 255, np.uint8))
    assert (plain.sharpness, round(plain.brightness)) == (0, 255)


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the real photos are not here")
def test_real_photos_are_neither_blurred_nor_dark_and_blurred_ones_are_told() -> None:
    rows = read_split(PROJECT_ROOT / "training" / "splits" / "waste.csv")
    photos = [row.photo for row in rows if row.part in (Part.TEST, Part.STRANGERS)]
    chosen = [photos[place] for place in np.random.default_rng(0).permutation(len(photos))[:100]]
    seen = [read_pixels(SHARED_DATA, photo) for photo in chosen]
    found = [quality(pixels) for pixels in seen]
    assert min(each.sharpness for each in found) > BLURRED
    assert min(each.brightness for each in found) > DARK
    blurred = []
    for pixels in seen[:20]:
        image = Image.fromarray(pixels)
        radius = 3 * max(image.size) / 256
        blurred.append(quality(np.asarray(image.filter(ImageFilter.GaussianBlur(radius)))).sharpness)
    assert float(np.median(blurred)) < BLURRED
