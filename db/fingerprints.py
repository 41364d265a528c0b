"""Fingerprints of pictures in memory, searched for one that is nearly the same."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BITS: Final = 32
"""Bytes at the beginning that are compared bit by bit; each of the others is a level, 0 to 255."""

_LEVELS: Final = 108
BYTES: Final = _BITS + _LEVELS
_WORDS: Final = _BITS // 8


class Fingerprints:
    """A growing set; some 400 bytes a fingerprint. What is searched never changes: another takes its place."""

    def __init__(self) -> None:
        self._exact: set[bytes] = set()
        self._packed: NDArray[np.uint8] = np.empty((0, BYTES), dtype=np.uint8)

    def __len__(self) -> int:
        """How many different ones."""
        return len(self._exact)

    def __contains__(self, fingerprint: str) -> bool:
        """Whether exactly this one is there."""
        return bytes.fromhex(fingerprint) in self._exact

    def add(self, fingerprints: Iterable[str]) -> None:
        """Put them in, each once; hexadecimal digits of ``BYTES`` bytes. What is no such thing is left out."""
        new = [each for each in dict.fromkeys(map(bytes.fromhex, fingerprints)) if each not in self._exact]
        new = [each for each in new if len(each) == BYTES]
        if new:
            self._exact.update(new)
            self._packed = np.concatenate([self._packed, np.frombuffer(b"".join(new), np.uint8).reshape(-1, BYTES)])

    def has_like(self, fingerprint: str, most_different: int, most_off: float) -> bool:
        """Whether one of them is like this; may run beside ``add``.

        Args:
            fingerprint: what to look for.
            most_different: bits in which the two may differ.
            most_off: levels by which they may differ in the mean.

        """
        asked = np.frombuffer(bytes.fromhex(fingerprint), np.uint8)
        if len(asked) != BYTES:
            return False
        bits = np.ascontiguousarray(self._packed[:, :_BITS]).view(np.uint64) ^ asked[:_BITS].view(np.uint64)
        near = self._packed[np.bitwise_count(bits).sum(axis=1, dtype=np.int64) <= most_different, _BITS:]
        off = np.abs(near.astype(np.int16) - asked[_BITS:].astype(np.int16)).mean(axis=1)
        return bool((off <= most_off).any())
