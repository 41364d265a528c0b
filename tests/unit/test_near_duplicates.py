import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.tiny_photos import Pixels, framed, scene
from training.near_duplicates import (
    DEFAULT_DISTANCE,
    alike_pairs,
    close_pairs,
    duplicate_groups,
    mirrored_hash,
    perceptual_hash,
)


def _bits(first: np.uint64, second: np.uint64) -> int:
    return (int(first) ^ int(second)).bit_count()


def _saved_as_jpeg(pixels: Pixels) -> Pixels:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=40)
    return np.array(Image.open(stream))


def _half(pixels: Pixels) -> Pixels:
    return np.array(Image.fromarray(pixels).resize((64, 48)))


def _darker(pixels: Pixels) -> Pixels:
    return np.asarray(pixels * 0.7, dtype=np.uint8)


def _letterboxed(pixels: Pixels) -> Pixels:
    return framed(pixels, 40, 0, 40, 0)


@pytest.mark.parametrize("change", [_saved_as_jpeg, _half, _darker, _letterboxed])
def test_a_copy_that_was_changed_a_little_is_near(change: object) -> None:
    assert callable(change)
    original = scene(1)
    assert _bits(perceptual_hash(original), perceptual_hash(change(original))) <= DEFAULT_DISTANCE


def test_another_scene_is_far() -> None:
    hashes = [perceptual_hash(scene(seed)) for seed in range(8)]
    assert min(_bits(a, b) for i, a in enumerate(hashes) for b in hashes[:i]) > DEFAULT_DISTANCE


def test_a_mirror_image_is_near_the_mirrored_hash_only() -> None:
    flipped = np.ascontiguousarray(scene(1)[:, ::-1])
    assert _bits(mirrored_hash(scene(1)), perceptual_hash(flipped)) == 0
    assert _bits(perceptual_hash(scene(1)), perceptual_hash(flipped)) > DEFAULT_DISTANCE


@given(
    st.lists(st.integers(0, 2**64 - 1), max_size=12),
    st.lists(st.integers(0, 2**64 - 1), max_size=12),
    st.integers(0, 64),
    st.integers(1, 5),
)
def test_close_pairs_are_exactly_those_within_the_distance(
    first: list[int], second: list[int], distance: int, chunk: int
) -> None:
    expected = {
        (i, j, (a ^ b).bit_count())
        for i, a in enumerate(first)
        for j, b in enumerate(second)
        if (a ^ b).bit_count() <= distance
    }
    found = list(close_pairs(np.array(first, dtype=np.uint64), np.array(second, dtype=np.uint64), distance, chunk))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_a_chain_of_near_duplicates_is_one_group() -> None:
    hashes = np.array([0, 0b111111, 0b111111_111111, 2**32 - 1], dtype=np.uint64)
    far_from_all = np.full(4, 0xAAAA_AAAA_AAAA_AAAA, dtype=np.uint64)
    groups = duplicate_groups(hashes, far_from_all, distance=6)
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_mirror_images_are_one_group() -> None:
    flipped = np.ascontiguousarray(scene(1)[:, ::-1])
    pictures = [scene(1), flipped, scene(2)]
    hashes = np.array([perceptual_hash(picture) for picture in pictures])
    mirrored = np.array([mirrored_hash(picture) for picture in pictures])
    groups = duplicate_groups(hashes, mirrored)
    assert groups[0] == groups[1] != groups[2]


def test_photos_without_duplicates_are_groups_of_their_own() -> None:
    hashes = np.array([0, 2**32 - 1, 2**64 - 2**32], dtype=np.uint64)
    mirrored = np.array([2**16 - 1, 2**48 - 1, 0xFF00FF00FF00FF00], dtype=np.uint64)
    assert len(set(duplicate_groups(hashes, mirrored, 6))) == 3


def test_features_link_views_that_no_hash_links() -> None:
    hashes = np.array([0, 2**32 - 1, 2**64 - 2**32], dtype=np.uint64)
    mirrored = np.array([2**16 - 1, 2**48 - 1, 0xFF00FF00FF00FF00], dtype=np.uint64)
    features = np.array([[1, 0], [0, 1], [3, 0.1]], dtype=np.float32)
    groups = duplicate_groups(hashes, mirrored, 6, features, cosine=0.9)
    assert groups[0] == groups[2] != groups[1]


def test_alike_pairs_do_not_depend_on_the_chunk() -> None:
    features = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    whole = set(alike_pairs(features, 0.9))
    assert whole == set(alike_pairs(features, 0.9, chunk=7))
    assert whole
    assert all(i < j for i, j in whole)
