"""Making training photos look like other people's: other crops, tables, lamps, lenses and messengers.

Colours stay believable: three labels are glass by its colour, so hue hardly moves and lamps only warm or
cool. All functions take and give (H, W, 3) uint8 RGB arrays and draw from the generator they are given.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pydantic import BaseModel, ConfigDict
from scipy import ndimage

from inference.preprocess import PAD_VALUE, Fit, fit_square, trim_bars

Pixels = NDArray[np.uint8]


class Augmentation(BaseModel):
    """How strongly and how often; a recipe's ``augmentation`` section."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    smallest_area: float = 0.35
    rotation: float = 20.0
    perspective: float = 0.12
    brightness: float = 0.35
    contrast: float = 0.3
    saturation: float = 0.3
    warmth: float = 0.12
    p_geometry: float = 0.5
    p_blur: float = 0.15
    p_low_resolution: float = 0.15
    p_jpeg: float = 0.25
    p_noise: float = 0.15
    p_sharpen: float = 0.12
    p_background: float = 0.5
    p_erase: float = 0.15
    p_whole: float = 0.25


@dataclass(frozen=True, slots=True)
class Cutout:
    """A thing cut off its plain background: pixels and how much of each is the thing, in [0, 1]."""

    pixels: Pixels
    alpha: NDArray[np.float32]


def cut_off_plain_background(pixels: Pixels) -> Cutout | None:
    """Separate a thing from a plain background (shop pictures), or None where the background is not plain.

    The background is what is connected to the picture's edge and close to the colour of its corners.
    """
    height, width = pixels.shape[:2]
    edge = max(2, min(height, width) // 24)
    corners = [pixels[:edge, :edge], pixels[:edge, -edge:], pixels[-edge:, :edge], pixels[-edge:, -edge:]]
    colours = np.array([np.median(corner.reshape(-1, 3), axis=0) for corner in corners])
    colour = np.median(colours, axis=0)
    if (np.abs(colours - colour).max(axis=1) > 14).sum() > 1:
        return None
    close = np.abs(pixels.astype(np.int16) - colour).max(axis=-1) <= 18
    regions, _ = ndimage.label(close)
    rim = np.unique(np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]]))
    background = np.isin(regions, rim[rim > 0])
    share = background.mean()
    if not 0.15 <= share <= 0.9:
        return None
    thing = ndimage.binary_opening(~background, iterations=1)
    alpha = ndimage.gaussian_filter(thing.astype(np.float32), 0.8)
    return Cutout(pixels, np.asarray(alpha, dtype=np.float32))


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.array(image.resize((max(1, width), max(1, height)), Image.Resampling.BILINEAR))


def synthetic_background(side: int, rng: np.random.Generator) -> Pixels:
    """A table, floor or wall: a colour, a gradient and grain at a few scales. (side, side, 3) uint8."""
    base = rng.uniform(30, 235) + rng.normal(0, 14, 3)
    across = np.linspace(-1, 1, side)
    ramp = across[:, None] * rng.normal(0, 22) + across * rng.normal(0, 22)
    grain = np.zeros((side, side), dtype=np.float64)
    for cells in (4, 16, 64):
        shape = (cells, int(cells * rng.choice([0.12, 1.0])) + 1)
        noise = Image.fromarray(rng.normal(0, 1, shape).astype(np.float32))
        grain += np.asarray(noise.resize((side, side), Image.Resampling.BICUBIC)) * rng.uniform(0, 14)
    if rng.random() < 0.5:
        grain = grain.T
    return np.clip(base + (ramp + grain)[..., None], 0, 255).astype(np.uint8)


def paste(cutout: Cutout, background: Pixels, rng: np.random.Generator) -> Pixels:
    """Lay the thing on a square background, at a random size and place, with a soft shadow sometimes."""
    side = background.shape[0]
    height, width = cutout.pixels.shape[:2]
    scale = side * rng.uniform(0.45, 1.0) / max(height, width)
    w, h = max(8, round(width * scale)), max(8, round(height * scale))
    thing = _resized(cutout.pixels, w, h).astype(np.float32)
    alpha = np.asarray(Image.fromarray(cutout.alpha).resize((w, h), Image.Resampling.BILINEAR))
    x, y = int(rng.integers(0, side - w + 1)), int(rng.integers(0, side - h + 1))
    canvas = background.astype(np.float32)
    if rng.random() < 0.5:
        shadow = np.zeros((side, side), dtype=np.float32)
        shadow[y : y + h, x : x + w] = alpha
        drift = (rng.integers(-side // 20, side // 20 + 1), rng.integers(0, side // 16 + 1))
        shadow = ndimage.gaussian_filter(np.roll(shadow, drift[::-1], (0, 1)), side / rng.uniform(20, 60))
        canvas *= 1 - rng.uniform(0.2, 0.6) * shadow[..., None]
    # The background's light falls on the thing too.
    light = np.clip(canvas.mean() / 127.5, 0.55, 1.25) ** rng.uniform(0, 0.6)
    window = canvas[y : y + h, x : x + w]
    canvas[y : y + h, x : x + w] = window + alpha[..., None] * (np.clip(thing * light, 0, 255) - window)
    return canvas.clip(0, 255).astype(np.uint8)


def _random_crop(pixels: Pixels, smallest_area: float, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    area = rng.uniform(smallest_area, 1.0)
    stretch = np.exp(rng.uniform(-0.25, 0.25))
    h = min(height, max(8, round(height * np.sqrt(area) * stretch)))
    w = min(width, max(8, round(width * np.sqrt(area) / stretch)))
    y, x = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
    return pixels[y : y + h, x : x + w]


def _warp(pixels: Pixels, rotation: float, perspective: float, rng: np.random.Generator) -> Pixels:
    """Rotate and tilt within the square; what comes from outside is grey like padding."""
    side = pixels.shape[0]
    angle = np.deg2rad(rng.uniform(-rotation, rotation))
    if rng.random() < 0.15:
        angle += np.pi / 2 * rng.integers(1, 4)
    cos, sin = np.cos(angle), np.sin(angle)
    centre = side / 2
    a, b, d, e = cos, sin, -sin, cos
    c, f = centre - a * centre - b * centre, centre - d * centre - e * centre
    g, h = rng.uniform(-perspective, perspective, 2) / side
    image = Image.fromarray(pixels).transform(
        (side, side),
        Image.Transform.PERSPECTIVE,
        (a, b, c, d, e, f, g, h),
        Image.Resampling.BILINEAR,
        fillcolor=(PAD_VALUE,) * 3,
    )
    return np.array(image)


def _relight(pixels: Pixels, how: Augmentation, rng: np.random.Generator) -> Pixels:
    values = pixels.astype(np.float32)
    grey = values.mean(axis=-1, keepdims=True)
    values = grey + (values - grey) * (1 + rng.uniform(-how.saturation, how.saturation))
    values = values.mean() + (values - values.mean()) * (1 + rng.uniform(-how.contrast, how.contrast))
    values *= 1 + rng.uniform(-how.brightness, how.brightness)
    warmth = rng.uniform(-how.warmth, how.warmth)
    values *= np.array([1 + warmth, 1.0, 1 - warmth], dtype=np.float32)
    return np.asarray(values.clip(0, 255), dtype=np.uint8)


def _degrade(pixels: Pixels, how: Augmentation, rng: np.random.Generator) -> Pixels:
    """What lenses, messengers and thumbnails do to a picture."""
    side = pixels.shape[0]
    if rng.random() < how.p_low_resolution:
        small = int(side * rng.uniform(0.25, 0.7))
        pixels = _resized(_resized(pixels, small, small), side, side)
    if rng.random() < how.p_blur:
        image = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 2.2)))
        pixels = np.array(image)
    if rng.random() < how.p_sharpen:
        strength = int(rng.integers(80, 320))
        sharp = Image.fromarray(pixels).filter(ImageFilter.UnsharpMask(rng.uniform(0.8, 2.5), strength, 2))
        pixels = np.array(sharp)
    if rng.random() < how.p_noise:
        noise = rng.normal(0, rng.uniform(2, 14), pixels.shape)
        pixels = (pixels + noise).clip(0, 255).astype(np.uint8)
    if rng.random() < how.p_jpeg:
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG", quality=int(rng.integers(25, 85)))
        pixels = np.array(Image.open(stream))
    return pixels


def _erase(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Hide a part, as a hand or another thing would (random erasing, Zhong 2017)."""
    side = pixels.shape[0]
    w, h = (int(side * rng.uniform(0.1, 0.35)) for _ in range(2))
    x, y = int(rng.integers(0, side - w)), int(rng.integers(0, side - h))
    out = pixels.copy()
    out[y : y + h, x : x + w] = rng.integers(0, 256, 3)
    return out


def augment(
    pixels: Pixels,
    side: int,
    how: Augmentation,
    backgrounds: Sequence[Pixels],
    rng: np.random.Generator,
    fit: Fit,
) -> Pixels:
    """One random view of a training photo.

    Args:
        pixels: the photo, bars already trimmed.
        side: side of the network's square.
        how: the recipe's section on augmentation.
        backgrounds: real pictures that may lie behind a cut-out thing; may be empty.
        rng: where all chance comes from.
        fit: as in serving, for views that show the whole photo.

    Returns:
        (side, side, 3) uint8.

    """
    cutout = cut_off_plain_background(pixels) if rng.random() < how.p_background else None
    if cutout is not None:
        behind = synthetic_background(side, rng)
        if backgrounds and rng.random() < 0.6:
            scene = backgrounds[int(rng.integers(len(backgrounds)))]
            behind = _resized(_random_crop(scene, 0.1, rng), side, side)
        view = paste(cutout, behind, rng)
    else:
        whole = rng.random() < how.p_whole
        # A crop stands for another photo, whose bars serving would trim; the whole photo is trimmed already.
        crop = pixels if whole else trim_bars(_random_crop(pixels, how.smallest_area, rng))
        view = fit_square(crop, side, fit)
    if rng.random() < 0.5:
        view = view[:, ::-1]
    if rng.random() < how.p_geometry:
        view = _warp(np.ascontiguousarray(view), how.rotation, how.perspective, rng)
    view = _degrade(_relight(view, how, rng), how, rng)
    return _erase(view, rng) if rng.random() < how.p_erase else np.ascontiguousarray(view)
