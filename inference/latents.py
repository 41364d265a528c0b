"""Where pictures come from: a seed -> latent vectors."""

import numpy as np
from numpy.typing import NDArray


def latents_of(seed: int, count: int, size: int, truncation: float = 1.0) -> NDArray[np.float32]:
    """(count, size) float32 of length sqrt(size) x truncation.

    NumPy draws them, not the engine: each backend gets the same numbers. In training all latents have length
    sqrt(size). Shorter ones are the truncation of Brock et al. 2019, which trades variety for likeness; what they do to
    a generator is measured (its card), for small ones may gain variety by them.

    Args:
        seed: 0 or more.
        count: of vectors.
        size: numbers of each.
        truncation: in (0, 1].

    """
    drawn = np.random.default_rng(seed).standard_normal((count, size)).astype(np.float32)
    lengths = np.linalg.norm(drawn, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = drawn * (truncation * size**0.5 / lengths)
    return scaled.astype(np.float32)
