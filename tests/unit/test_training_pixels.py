"""What the network sees while it trains and is validated is what it sees when it serves."""

import json
from pathlib import Path

import numpy as np
import pytest

from inference.decode import decode_image
from inference.preprocess import Fit, fit_square, square
from tests.conftest import SHARED_DATA
from tests.tiny_photos import Pixels, framed, scene, write_photo
from training.data_recipe import IMAGE_SUFFIXES
from training.photo import Photo
from training.pixel_cache import PhotoFiles, open_pixel_cache

SIDE = 240
BOUND = 288
"""The longer side that ``bunri train`` bounds cached photos to."""


def _served(file: Path, fit: Fit = Fit.PAD) -> Pixels:
    return square(decode_image(file.read_bytes(), needed_side=SIDE).pixels, SIDE, fit)


def _photos(*paths: str) -> list[Photo]:
    return [Photo(path, ("metal",), "tiny") for path in paths]


@pytest.mark.parametrize("fit", list(Fit))
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_up_to_the_bound_training_sees_the_very_pixels_of_serving(tmp_path: Path, suffix: str, fit: Fit) -> None:
    # A frame within a frame: trimming the cached pixels once more would cut the inner one too.
    nested = framed(framed(scene(1, 120, 160), 20, 20, 20, 20, 250), 40, 0, 40, 0, 60)
    names = [f"{name}.{suffix}" for name in ("nested", "wide", "tall", "small")]
    for name, pixels in zip(names, (nested, scene(2, 200, 288), scene(3, 288, 100), scene(4, 30, 20)), strict=True):
        write_photo(tmp_path, name, pixels)
    cache = open_pixel_cache(tmp_path / "cache", tmp_path, _photos(*names), BOUND, workers=1)
    for name in names:
        trained = fit_square(cache[name], SIDE, fit)
        np.testing.assert_array_equal(trained, _served(tmp_path / name, fit), err_msg=name)


@pytest.mark.parametrize("longer", [300, 470, 1_200, 4_000])
def test_above_the_bound_training_sees_nearly_the_pixels_of_serving(tmp_path: Path, longer: int) -> None:
    """The cache scales such photos once more, and serving decodes big JPEGs at 1/2, 1/4 or 1/8."""
    small = scene(5, 150, 200)
    pixels = np.asarray(fit_square(small, longer, Fit.CROP))
    write_photo(tmp_path, "big.jpg", framed(pixels, 0, 0, longer // 5, 0), quality=92)
    cache = open_pixel_cache(tmp_path / "cache", tmp_path, _photos("big.jpg"), BOUND, workers=1)
    assert max(cache["big.jpg"].shape) == BOUND
    difference = np.abs(fit_square(cache["big.jpg"], SIDE).astype(int) - _served(tmp_path / "big.jpg"))
    assert difference.mean() < 4


def test_photos_of_the_real_data_set_look_the_same_in_training_and_serving(tmp_path: Path) -> None:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no photos at {SHARED_DATA}")
    files = sorted(f for f in (SHARED_DATA / "waste").rglob("*") if f.suffix.lower() in IMAGE_SUFFIXES)[::300]
    photos = _photos(*(file.relative_to(SHARED_DATA).as_posix() for file in files))
    cache = open_pixel_cache(tmp_path, SHARED_DATA, photos, BOUND, workers=1)
    differences = {"within": [0.0], "above": [0.0]}
    for photo in photos:
        seen = fit_square(cache[photo.path], SIDE).astype(int)
        kind = "above" if max(cache[photo.path].shape) == BOUND else "within"
        differences[kind].append(float(np.abs(seen - _served(SHARED_DATA / photo.path)).mean()))
    assert max(differences["within"]) == 0
    assert np.mean(differences["above"]) < 2.5


def test_pixels_straight_from_files_are_those_of_the_cache(tmp_path: Path) -> None:
    write_photo(tmp_path, "a.png", framed(scene(6), 10, 0, 10, 0))
    cache = open_pixel_cache(tmp_path / "cache", tmp_path, _photos("a.png"), BOUND, workers=1)
    np.testing.assert_array_equal(cache["a.png"], PhotoFiles(tmp_path, SIDE)["a.png"])


def test_unreadable_and_missing_photos_are_left_out_of_the_cache(tmp_path: Path) -> None:
    write_photo(tmp_path, "a.png", scene(7))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    photos = _photos("a.png", "broken.jpg", "missing.jpg")
    cache = open_pixel_cache(tmp_path / "cache", tmp_path, photos, BOUND, workers=1)
    assert [photo.path in cache for photo in photos] == [True, False, False]


def test_a_cache_of_nothing_readable_is_empty(tmp_path: Path) -> None:
    cache = open_pixel_cache(tmp_path / "cache", tmp_path, _photos("missing.jpg"), BOUND, workers=1)
    assert cache.places == {}


def test_a_cache_is_made_once_and_anew_when_the_photos_change(tmp_path: Path) -> None:
    write_photo(tmp_path, "a.png", scene(8))
    folder = tmp_path / "cache"
    open_pixel_cache(folder, tmp_path, _photos("a.png"), BOUND, workers=1)
    [index] = folder.glob("*.json")
    marked = {"marked": [0, 1, 1]}
    index.write_text(json.dumps(marked), "utf-8")
    assert "marked" in open_pixel_cache(folder, tmp_path, _photos("a.png"), BOUND, workers=1)
    write_photo(tmp_path, "a.png", scene(9, 64, 64))
    assert "a.png" in open_pixel_cache(folder, tmp_path, _photos("a.png"), BOUND, workers=1)
    assert not list(folder.glob("*.part"))


def test_several_processes_make_the_same_cache_as_one(tmp_path: Path) -> None:
    for number in range(3):
        write_photo(tmp_path, f"{number}.png", scene(number, 40, 40))
    photos = _photos("0.png", "1.png", "2.png")
    one = open_pixel_cache(tmp_path / "one", tmp_path, photos, BOUND, workers=1)
    two = open_pixel_cache(tmp_path / "two", tmp_path, photos, BOUND, workers=2)
    assert one.places == two.places
    np.testing.assert_array_equal(one.flat, two.flat)
