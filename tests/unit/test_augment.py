import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.preprocess import Fit, fit_square
from tests.tiny_photos import Pixels, scene
from training.augment import Augmentation, augment, cut_off_plain_background, paste, synthetic_background

BROWN, GREEN = (96, 52, 20), (40, 110, 50)
"""Two bottles' colours."""


def _bottle(colour: tuple[int, int, int], background: int = 245) -> Pixels:
    """A bottle on a plain ground, lit from one side."""
    pixels = np.full((120, 120, 3), background, dtype=np.float32)
    light = np.linspace(0.75, 1.25, 40)[None, :, None]
    pixels[10:110, 40:80] = np.array(colour, dtype=np.float32) * light
    return pixels.clip(0, 255).astype(np.uint8)


def _hue(pixels: Pixels) -> float:
    """The hue of the mean colour, in degrees."""
    red, green, blue = (float(level) / 255 for level in pixels.reshape(-1, 3).mean(axis=0))
    return 360 * colorsys.rgb_to_hsv(red, green, blue)[0]


@given(
    height=st.integers(3, 120),
    width=st.integers(3, 120),
    seed=st.integers(0, 10_000),
    side=st.integers(32, 96),
    fit=st.sampled_from(Fit),
    with_backgrounds=st.booleans(),
)
def test_every_view_is_a_square_of_bytes(
    height: int, width: int, seed: int, side: int, fit: Fit, with_backgrounds: bool
) -> None:
    backgrounds = [scene(1), scene(2, 20, 20)] if with_backgrounds else []
    often = Augmentation(p_blur=0.5, p_low_resolution=0.5, p_jpeg=0.5, p_noise=0.5, p_erase=0.5)
    pixels = _bottle(GREEN)[:height, :width] if seed % 2 else scene(seed, height, width)
    before = pixels.copy()
    view = augment(pixels, side, often, backgrounds, np.random.default_rng(seed), fit)
    assert view.shape == (side, side, 3)
    assert view.dtype == np.uint8
    assert view.flags.c_contiguous
    np.testing.assert_array_equal(pixels, before)


def test_the_same_generator_gives_the_same_view_and_another_gives_another() -> None:
    views = [
        augment(scene(1), 64, Augmentation(), [scene(2)], np.random.default_rng(seed), Fit.PAD) for seed in (7, 7, 8)
    ]
    np.testing.assert_array_equal(views[0], views[1])
    assert (views[0] != views[2]).any()


def test_without_any_change_asked_for_a_view_is_the_serving_view_or_its_mirror() -> None:
    nothing = Augmentation(
        brightness=0, contrast=0, saturation=0, warmth=0, p_geometry=0, p_blur=0, p_low_resolution=0,
        p_jpeg=0, p_noise=0, p_sharpen=0, p_background=0, p_erase=0, p_whole=1,
    )  # fmt: skip
    served = fit_square(scene(1), 64)
    for seed in range(6):
        view = augment(scene(1), 64, nothing, [], np.random.default_rng(seed), Fit.PAD).astype(int)
        distance = min(np.abs(view - served).max(), np.abs(view - served[:, ::-1]).max())
        assert distance <= 1  # relighting by nothing still rounds


@pytest.mark.parametrize(("colour", "lowest", "highest"), [(BROWN, 10, 55), (GREEN, 90, 160)])
def test_the_colour_of_glass_survives(colour: tuple[int, int, int], lowest: float, highest: float) -> None:
    """Over 300 views that fill the picture with the bottle: brown stays brown, green stays green."""
    glass = np.ascontiguousarray(_bottle(colour)[12:108, 42:78])
    how = Augmentation(p_background=0, p_erase=0, p_geometry=0, p_whole=0)
    hues = [
        _hue(augment(glass, 48, how, [], np.random.default_rng(seed), Fit.CROP)[12:36, 12:36]) for seed in range(300)
    ]
    assert lowest < min(hues)
    assert max(hues) < highest
    assert abs(float(np.mean(hues)) - _hue(glass)) < 5


def test_a_thing_is_cut_off_its_plain_background() -> None:
    cutout = cut_off_plain_background(_bottle(GREEN))
    assert cutout is not None
    assert cutout.alpha[20:100, 45:75].min() > 0.9
    assert cutout.alpha[:, :30].max() < 0.1
    assert (cutout.alpha.min(), cutout.alpha.max()) >= (0, 0)
    assert cutout.alpha.max() <= 1


def test_a_busy_photo_is_not_cut_out() -> None:
    assert cut_off_plain_background(scene(1)) is None


def test_a_plain_picture_has_nothing_to_cut_out() -> None:
    assert cut_off_plain_background(np.full((60, 60, 3), 240, dtype=np.uint8)) is None


def test_a_pasted_thing_keeps_its_colour_and_shows_the_background_around_it() -> None:
    cutout = cut_off_plain_background(_bottle(GREEN))
    assert cutout is not None
    grey = np.full((96, 96, 3), 128, dtype=np.uint8)
    for seed in range(20):
        pasted = paste(cutout, grey, np.random.default_rng(seed))
        coloured = pasted[np.ptp(pasted.astype(int), axis=-1) > 40]
        assert len(coloured) > 50
        assert abs(_hue(coloured) - _hue(_bottle(GREEN)[20:100, 45:75])) < 8
        assert (np.ptp(pasted.astype(int), axis=-1) < 3).mean() > 0.2


def test_synthetic_backgrounds_differ() -> None:
    backgrounds = [synthetic_background(64, np.random.default_rng(seed)) for seed in (1, 2)]
    assert all(b.shape == (64, 64, 3) and b.dtype == np.uint8 for b in backgrounds)
    assert (backgrounds[0] != backgrounds[1]).mean() > 0.5
