"""Fingerprints of 256 bits in memory, searched for one that is nearly the same."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

BYTES: Final = 32
_WORDS: Final = BYTES // 8


class Fingerprints:
    """A growing set; 64 bytes a fingerprint or so. What is searched never changes: another takes its place."""

    def __init__(self) -> None:
        self._exact: set[bytes] = set()
        self._packed: NDArray[np.uint64] = np.empty((0, _WORDS), dtype=np.uint64)

    def __len__(self) -> int:
        """How many different ones."""
        return len(self._exact)

    def __contains__(self, fingerprint: str) -> bool:
        """Whether exactly this one, 64 hexadecimal digits, is there."""
        return bytes.fromhex(fingerprint) in self._exact

    def add(self, fingerprints: Iterable[str]) -> None:
        """Put them in, each once."""
        new = [each for each in dict.fromkeys(map(bytes.fromhex, fingerprints)) if each not in self._exact]
        if new:
            self._exact.update(new)
            rows = np.frombuffer(b"".join(new), dtype=np.uint64).reshape(-1, _WORDS)
            self._packed = np.concatenate([self._packed, rows])

    def has_like(self, fingerprint: str, most_different: int) -> bool:
        """Whether one of them differs from this in so many bits at most; may run beside ``add``."""
        asked = np.frombuffer(bytes.fromhex(fingerprint), dtype=np.uint64)
        different = np.bitwise_count(self._packed ^ asked).sum(axis=1, dtype=np.int64)
        return bool((different <= most_different).any())
