"""A picture is known again after a messenger had it; another one is not."""

import io

import numpy as np
import pytest
from PIL import Image

from bots.picture_origin import _MOST_DIFFERENT, _MOST_OFF
from inference.fingerprint import BITS, MOST_DIFFERENT, MOST_OFF, fingerprint
from inference.generation import GeneratedPicture
from inference.labels import Label
from inference.marking import marked
from tests.tiny_photos import scene


def _different(one: str, other: str) -> int:
    return (int(one[:64], 16) ^ int(other[:64], 16)).bit_count()


def _off(one: str, other: str) -> float:
    pairs = zip(bytes.fromhex(one[64:]), bytes.fromhex(other[64:]), strict=True)
    return float(np.mean([abs(first - second) for first, second in pairs]))


def _made(seed: int) -> tuple[Image.Image, str]:
    rough = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(rough).resize((64, 64), Image.Resampling.BICUBIC))
    picture = marked(GeneratedPicture(smooth, Label.PAPER, seed, "m 1"))
    return Image.open(io.BytesIO(picture.png)).convert("RGB"), picture.fingerprint


@pytest.mark.parametrize(("side", "quality"), [(512, 87), (320, 70), (512, 40), (800, 85)])
@pytest.mark.parametrize("seed", range(5))
def test_a_made_picture_is_known_again_after_compression_and_scaling(side: int, quality: int, seed: int) -> None:
    image, known_by = _made(seed)
    sent = io.BytesIO()
    image.resize((side, side)).save(sent, "JPEG", quality=quality)
    again = fingerprint(np.asarray(Image.open(sent).convert("RGB")))
    assert _different(known_by, again) <= MOST_DIFFERENT
    assert _off(known_by, again) <= MOST_OFF / 2


def test_different_pictures_differ_in_about_half_of_their_bits() -> None:
    known = [_made(seed)[1] for seed in range(8)] + [fingerprint(scene(seed)) for seed in range(8)]
    differences = [_different(one, other) for place, one in enumerate(known) for other in known[:place]]
    assert min(differences) > MOST_DIFFERENT
    assert BITS / 2 * 0.7 < np.mean(differences) < BITS / 2 * 1.3


def test_who_keeps_photos_goes_by_the_same_bound() -> None:
    assert (_MOST_DIFFERENT, _MOST_OFF) == (MOST_DIFFERENT, MOST_OFF)


def test_another_thing_before_the_same_empty_wall_is_another_picture() -> None:
    pictures = np.full((2, 256, 256, 3), 250, dtype=np.uint8)
    pictures[0, 100:156, 100:156] = (30, 60, 150)
    pictures[1, 96:160, 100:156] = (200, 150, 60)
    one, other = map(fingerprint, pictures)
    assert _different(one, other) <= MOST_DIFFERENT, "the bits alone would take it for the same"
    assert _off(one, other) > MOST_OFF
