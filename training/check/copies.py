"""Photos that a data set holds more than once: as exact copies, or scaled, re-saved, framed or mirrored."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from training.near_duplicates import close_pairs
from training.photo import Photo
from training.scan import Scanned, hash_columns


@dataclass(frozen=True, slots=True)
class ExactCopies:
    """Photos with the very same pixels, two or more."""

    photos: tuple[Photo, ...]

    @property
    def labels_differ(self) -> bool:
        """No label fits them all."""
        return not set.intersection(*(set(photo.labels) for photo in self.photos))


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Two photos that look the same.

    Attributes:
        first: the one listed earlier.
        second: the other.
        bits: of the 64 of their hashes, how many differ.
        mirrored: one is the other's mirror image.

    """

    first: Photo
    second: Photo
    bits: int
    mirrored: bool

    @property
    def labels_differ(self) -> bool:
        """No label fits both."""
        return not set(self.first.labels) & set(self.second.labels)

    @property
    def across_sources(self) -> bool:
        """They came from two data sets."""
        return self.first.source != self.second.source


def exact_copies(scanned: Sequence[Scanned]) -> list[ExactCopies]:
    """Groups of photos with equal pixels, those with different labels first."""
    by_digest: defaultdict[str, list[Photo]] = defaultdict(list)
    for one in scanned:
        by_digest[one.digest].append(one.photo)
    found = [ExactCopies(tuple(photos)) for photos in by_digest.values() if len(photos) > 1]
    return sorted(found, key=lambda copies: (not copies.labels_differ, copies.photos[0].path))


def near_duplicates(scanned: Sequence[Scanned], distance: int) -> list[NearDuplicates]:
    """Pairs within the Hamming distance that are no exact copies; different labels first, then the closest.

    Args:
        scanned: the photos.
        distance: bits of 64 that may differ.

    """
    plain, mirrored = hash_columns(scanned)
    closest: dict[tuple[int, int], tuple[int, bool]] = {}
    for others, flipped in ((plain, False), (mirrored, True)):
        for i, j, bits in close_pairs(plain, others, distance):
            if i != j and scanned[i].digest != scanned[j].digest:
                pair = (min(i, j), max(i, j))
                closest[pair] = min(closest.get(pair, (bits, flipped)), (bits, flipped))
    found = [
        NearDuplicates(scanned[i].photo, scanned[j].photo, bits, flipped) for (i, j), (bits, flipped) in closest.items()
    ]
    return sorted(found, key=lambda pair: (not pair.labels_differ, pair.bits, pair.first.path, pair.second.path))
