"""Photos that nearly look alike, found while they stream by: 140 bytes are kept of each."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 32
"""Bytes of a fingerprint's first part, whose bits are compared; what follows are levels, 0 to 255."""

LEVELS: Final = 108


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike two photos must be: bits that differ, and levels by which the colours are off in the mean, at most."""

    most_different: int
    most_off: float


class NearDuplicates:
    """What has streamed by. A photo is compared with the first of each group only, so that groups do not creep."""

    def __init__(self, alike: Alike) -> None:
        self._alike = alike
        self._ids: list[str] = []
        self._bits: NDArray[np.uint64] = np.empty((64, BITS // 8), dtype=np.uint64)
        self._levels: NDArray[np.uint8] = np.empty((64, LEVELS), dtype=np.uint8)

    def find(self, fingerprint: bytes) -> str | None:
        """The id of the first one before it that is like it; None where none is.

        Raises:
            ValueError: the fingerprint is not of ``BITS`` + ``LEVELS`` bytes.

        """
        bits, levels = _parts(fingerprint)
        count = len(self._ids)
        near = np.flatnonzero(
            np.bitwise_count(self._bits[:count] ^ bits).sum(axis=1, dtype=np.int64) <= self._alike.most_different
        )
        off = np.abs(self._levels[near].astype(np.int16) - levels.astype(np.int16)).mean(axis=1)
        alike = near[off <= self._alike.most_off]
        return self._ids[int(alike[0])] if len(alike) else None

    def add(self, item_id: str, fingerprint: bytes) -> None:
        """Remember the first of a group.

        Raises:
            ValueError: the fingerprint is not of ``BITS`` + ``LEVELS`` bytes.

        """
        count = len(self._ids)
        if count == len(self._bits):
            self._bits = np.concatenate([self._bits, np.empty_like(self._bits)])
            self._levels = np.concatenate([self._levels, np.empty_like(self._levels)])
        self._bits[count], self._levels[count] = _parts(fingerprint)
        self._ids.append(item_id)


def _parts(fingerprint: bytes) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    if len(fingerprint) != BITS + LEVELS:
        raise ValueError(f"a fingerprint of {len(fingerprint)} bytes")
    return np.frombuffer(fingerprint[:BITS], np.uint64), np.frombuffer(fingerprint[BITS:], np.uint8)


def joined_groups(links: list[tuple[str, str]]) -> dict[str, str]:
    """For every name in a link, the smallest name that links lead to from it."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while (above := leader.setdefault(name, name)) != name:
            leader[name] = leader[above]
            name = above
        return name

    for one, other in links:
        first, second = sorted((find(one), find(other)))
        leader[second] = first
    return {name: find(name) for name in leader}
