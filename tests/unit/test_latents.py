"""Seeds become latents of one length, the same everywhere."""

import numpy as np
import pytest

from inference.latents import latents_of


def test_latents_have_the_length_of_training_or_a_share_of_it() -> None:
    assert np.linalg.norm(latents_of(3, 5, 128), axis=1) == pytest.approx(np.full(5, 128**0.5), rel=1e-5)
    assert np.linalg.norm(latents_of(3, 5, 128, 0.5), axis=1) == pytest.approx(np.full(5, 128**0.5 / 2), rel=1e-5)


def test_a_seed_stands_for_the_same_directions_at_every_truncation_and_count() -> None:
    whole, few, short = latents_of(7, 4, 128), latents_of(7, 2, 128), latents_of(7, 4, 128, 0.7)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(whole[:2], few, rtol=1e-6)
    np.testing.assert_allclose(short, whole * 0.7, rtol=1e-5)
    assert not np.allclose(whole, latents_of(8, 4, 128))
