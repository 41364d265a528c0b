import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.preprocess import PAD_VALUE, Bars, Fit, find_bars, fit_square, square, trim_bars
from tests.tiny_photos import framed, scene


@pytest.mark.parametrize("level", [0, 110, 255])
def test_bars_of_any_grey_are_found_on_all_sides(level: int) -> None:
    pixels = framed(scene(1), 12, 7, 9, 20, level)
    assert find_bars(pixels) == Bars(top=12, bottom=9, left=20, right=7)
    np.testing.assert_array_equal(trim_bars(pixels), scene(1))


def test_a_photo_without_bars_is_left_whole() -> None:
    assert find_bars(scene(2)) == Bars()


def test_compression_noise_does_not_hide_a_bar() -> None:
    noise = np.random.default_rng(0).integers(-5, 6, (126, 128, 3))
    pixels = (framed(scene(3), 30, 0, 0, 0).astype(np.int16) + noise).clip(0, 255).astype(np.uint8)
    assert find_bars(pixels).top == 30


def test_a_plain_picture_is_left_whole() -> None:
    plain = np.full((40, 60, 3), 200, dtype=np.uint8)
    assert trim_bars(plain).shape == plain.shape


def test_two_plain_halves_are_left_whole() -> None:
    halves = np.full((40, 60, 3), 255, dtype=np.uint8)
    halves[20:] = 0
    assert trim_bars(halves).shape == halves.shape
    assert trim_bars(halves.swapaxes(0, 1)).shape == (60, 40, 3)


def test_a_speck_on_a_plain_ground_does_not_become_the_picture() -> None:
    ground = np.full((100, 100, 3), 250, dtype=np.uint8)
    ground[50:54, 50:54] = 0
    assert trim_bars(ground).shape == ground.shape


def test_padding_keeps_the_aspect_ratio_and_centres_the_photo() -> None:
    out = fit_square(np.full((50, 100, 3), 10, dtype=np.uint8), 64)
    assert out.shape == (64, 64, 3)
    assert (out[:16] == PAD_VALUE).all()
    assert (out[16:48] == 10).all()
    assert (out[48:] == PAD_VALUE).all()


def test_cropping_takes_the_middle_of_the_longer_side() -> None:
    pixels = np.zeros((50, 150, 3), dtype=np.uint8)
    pixels[:, 50:100] = 200
    out = fit_square(pixels, 50, Fit.CROP)
    assert out.shape == (50, 50, 3)
    assert (out == 200).all()


def test_cropping_a_very_long_picture_costs_no_more_than_the_square() -> None:
    ribbon = np.random.default_rng(0).integers(0, 256, (1, 60_000, 3), dtype=np.uint8)
    assert square(ribbon, 224, Fit.CROP).shape == (224, 224, 3)


@given(
    height=st.integers(1, 200),
    width=st.integers(1, 200),
    side=st.integers(1, 96),
    fit=st.sampled_from(Fit),
    seed=st.integers(0, 50),
)
def test_every_picture_becomes_a_square_of_its_own(height: int, width: int, side: int, fit: Fit, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    out = square(pixels, side, fit)
    assert out.shape == (side, side, 3)
    assert out.dtype == np.uint8
    assert out.flags.c_contiguous
    assert not np.shares_memory(out, pixels)
