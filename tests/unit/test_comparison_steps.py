"""The steps that prepare a task's pictures."""

from collections import Counter

import numpy as np
import pytest

from inference.preprocess import PAD_VALUE
from tests.conftest import SHARED_DATA
from tests.tiny_photos import scene
from training.comparison.annotations import Box
from training.comparison.balance import balance
from training.comparison.crop_to_boxes import crop_to_box
from training.comparison.detect_and_crop_face import crop_face, find_face
from training.comparison.resize_keep_aspect import resize_keep_aspect
from training.comparison.section import Fill
from training.comparison.squaring import squared
from training.photo import Photo, read_pixels

FACES = SHARED_DATA / "faces"


@pytest.mark.parametrize("fill", ["reflect", "grey", "edge"])
@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (1, 7), (7, 7)])
def test_a_picture_lies_whole_and_unstretched_in_the_middle_of_its_square(fill: Fill, shape: tuple[int, int]) -> None:
    pixels = scene(1, *shape)
    square = squared(pixels, fill)
    side = max(shape)
    above, before = (side - shape[0]) // 2, (side - shape[1]) // 2
    assert square.shape == (side, side, 3)
    assert np.array_equal(square[above : above + shape[0], before : before + shape[1]], pixels)


def test_each_fill_adds_what_it_says() -> None:
    pixels = scene(2, 2, 6)
    reflected, grey, edge = (squared(pixels, fill) for fill in ("reflect", "grey", "edge"))
    assert np.array_equal(reflected[1], pixels[0])
    assert np.array_equal(reflected[0], pixels[1])
    assert (grey[:2] == PAD_VALUE).all()
    assert np.array_equal(edge[0], pixels[0])


def test_a_box_becomes_a_square_picture_of_what_lies_in_it() -> None:
    pixels = scene(3, 40, 60)
    picture = crop_to_box(pixels, Box(10, 5, 30, 15), "edge")
    assert picture.shape == (20, 20, 3)
    assert np.array_equal(picture[5:15], pixels[5:15, 10:30])


@pytest.mark.parametrize("shape", [(30, 90), (90, 30), (16, 16), (3, 200)])
def test_resizing_keeps_the_aspect_ratio(shape: tuple[int, int]) -> None:
    white = np.full((*shape, 3), 255, dtype=np.uint8)
    square = resize_keep_aspect(white, 32, "grey")
    lines = (square[..., 0] == 255).any(axis=1).sum(), (square[..., 0] == 255).any(axis=0).sum()
    scale = 32 / max(shape)
    assert square.shape == (32, 32, 3)
    assert lines == tuple(max(1, round(length * scale)) for length in shape)


def test_balance_draws_from_large_classes_and_repeats_small_ones_up_to_a_bound() -> None:
    labels = ["many"] * 50 + ["some"] * 12 + ["few"] * 2
    outcome = balance(labels, target=20, most_times=3, seed=1)
    assert outcome.before == {"few": 2, "many": 50, "some": 12}
    assert outcome.after == {"few": 6, "many": 20, "some": 20}
    times = Counter(outcome.chosen.tolist())
    assert Counter(labels[place] for place in outcome.chosen) == outcome.after
    assert all(times[place] <= 1 for place in range(50))
    assert {times[place] for place in range(50, 62)} == {1, 2}
    assert {times[62], times[63]} == {3}


def test_balance_hangs_on_its_seed_alone() -> None:
    labels = ["a"] * 30 + ["b"] * 30
    one, same, other = (balance(labels, 10, 3, seed).chosen.tolist() for seed in (1, 1, 2))
    assert one == same != other


def test_a_picture_without_a_face_has_none() -> None:
    pytest.importorskip("cv2")
    assert find_face(np.full((120, 160, 3), 128, dtype=np.uint8), smallest=0.25) is None


def test_a_face_at_the_edge_is_cropped_to_a_square_that_repeats_the_edge() -> None:
    pixels = scene(4, 50, 50)
    picture = crop_face(pixels, Box(-5, 10, 25, 40), margin=0.1)
    assert picture.shape == (36, 36, 3)
    assert np.array_equal(picture[:, 8:], pixels[7:43, :28])
    assert (picture[:, :8] == picture[:, 8:9]).all()


@pytest.mark.skipif(not FACES.is_dir(), reason="the real photos are absent")
def test_faces_are_found_in_real_photos() -> None:
    pytest.importorskip("cv2")
    paths = sorted(path.name for path in FACES.glob("*.webp"))[::300]
    photos = [read_pixels(FACES, Photo(path, ("face",), "faces")) for path in paths]
    found = [face for face in (find_face(photo, 0.25) for photo in photos) if face is not None]
    assert len(found) >= 0.9 * len(photos)
    assert all(face.right - face.left >= 80 for face in found)
    # No face is wider than its photo: what is asked to be, is not found.
    assert [
        face for face in (find_face(photo, 1.0) for photo in photos[:5]) if face and face.right - face.left < 200
    ] == []


def test_thin_lines_of_a_grey_picture_survive_its_shrinking_as_extremes() -> None:
    steel = np.full((96, 96, 3), 120, np.uint8)
    steel[:, 30], steel[:, 70] = 10, 240
    small = resize_keep_aspect(steel, 32, "reflect", "extremes")
    darkest, mean, brightest = (small[:, :, channel].astype(int) for channel in range(3))
    assert small.shape == (32, 32, 3)
    assert (darkest[:, 10] == 10).all()
    assert (brightest[:, 23] == 240).all()
    assert (mean[:, 10] == round((120 * 2 + 10) / 3)).all()
    assert (darkest <= mean).all()
    assert (mean <= brightest).all()


@pytest.mark.parametrize("shape", [(200, 200), (5, 9), (64, 31)])
def test_extremes_make_a_square_of_any_picture(shape: tuple[int, int]) -> None:
    assert resize_keep_aspect(scene(3, *shape), 32, "grey", "extremes").shape == (32, 32, 3)
