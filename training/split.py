"""The split: which photo trains, which tunes, which tests. Near-duplicates never part.

A split is a CSV file ``path,labels,source,part,group`` (labels joined by "|"), reproducible from the seed.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from training.data_recipe import DataError, Role
from training.photo import NONWASTE, Photo

FRACTIONS = {"train": 0.8, "val": 0.1, "test": 0.1}
NONWASTE_FRACTIONS = {"train": 0.25, "val": 0.25, "test": 0.5}


class Part(StrEnum):
    """What a photo is used for. ``dropped``: a near-duplicate of a strangers' photo, so unusable."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"
    STRANGERS = "strangers"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Assigned:
    """A photo with its part and its near-duplicate group."""

    photo: Photo
    part: Part
    group: int


def deal(
    groups: Mapping[int, Sequence[Photo]], fractions: Mapping[str, float], rng: np.random.Generator
) -> dict[int, str]:
    """Deal whole groups so that every stratum (labels x source) gets close to the fractions.

    Largest groups first; each goes where its stratum is furthest below its due.
    """
    due: dict[tuple[object, ...], Counter[str]] = defaultdict(Counter)
    totals: Counter[tuple[object, ...]] = Counter()
    order = list(groups)
    rng.shuffle(order)
    order.sort(key=lambda group: -len(groups[group]))
    parts: dict[int, str] = {}
    for group in order:
        totals.update((p.labels, p.source) for p in groups[group])
    for group in order:
        stratum = Counter((p.labels, p.source) for p in groups[group]).most_common(1)[0][0]
        taken = due[stratum]
        # A big group would overshoot a small part, so only parts with room for it compete; train always has.
        lack = {part: share * totals[stratum] - taken[part] for part, share in fractions.items()}
        fits = {part: value for part, value in lack.items() if value >= len(groups[group]) or part == "train"}
        best = max(fits, key=lambda part: fits[part] / fractions[part])
        parts[group] = best
        taken[best] += len(groups[group])
    return parts


def make_split(photos: Mapping[Role, Sequence[Photo]], groups: Mapping[str, int], seed: int) -> list[Assigned]:
    """Assign every photo to a part.

    Args:
        photos: by role, as from ``list_photos``.
        groups: path -> near-duplicate group, over all roles together.
        seed: the same seed, photos and groups give the same split.

    """
    rng = np.random.default_rng(seed)
    held_out = {groups[p.path] for p in photos[Role.STRANGERS]}
    train_only = {groups[p.path] for p in photos[Role.TRAIN_ONLY]} - held_out

    def by_group(role: Role) -> dict[int, list[Photo]]:
        found: dict[int, list[Photo]] = defaultdict(list)
        for photo in photos[role]:
            if groups[photo.path] not in held_out | train_only:
                found[groups[photo.path]].append(photo)
        return found

    dealt = deal(by_group(Role.SPLIT), FRACTIONS, rng) | deal(by_group(Role.NONWASTE), NONWASTE_FRACTIONS, rng)
    assigned = []
    for role in Role:
        for photo in photos[role]:
            group = groups[photo.path]
            if role is Role.STRANGERS:
                part = Part.STRANGERS
            elif group in held_out:
                part = Part.DROPPED
            else:
                part = Part.TRAIN if group in train_only else Part(dealt[group])
            assigned.append(Assigned(photo, part, group))
    return assigned


def write_split(path: Path, rows: Iterable[Assigned]) -> None:
    """Write the split file, sorted by path so that equal splits are equal bytes."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["path", "labels", "source", "part", "group"])
        for row in sorted(rows, key=lambda row: row.photo.path):
            writer.writerow([row.photo.path, "|".join(row.photo.labels), row.photo.source, row.part, row.group])


def read_split(path: Path) -> list[Assigned]:
    """Read a split file.

    Raises:
        DataError: a column is missing or a part is unknown (with the line number).

    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = []
        for line, row in enumerate(csv.DictReader(stream), start=2):
            try:
                photo = Photo(row["path"], tuple(row["labels"].split("|")), row["source"])
                rows.append(Assigned(photo, Part(row["part"]), int(row["group"])))
            except (KeyError, ValueError, AttributeError) as error:
                raise DataError(f"{path}:{line}: not a split row ({error})") from error
    return rows


def part_counts(rows: Iterable[Assigned]) -> dict[str, dict[str, int]]:
    """Photos by part and labels, for reports."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row.part][NONWASTE if not row.photo.is_waste else "|".join(row.photo.labels)] += 1
    return {part: dict(sorted(counter.items())) for part, counter in sorted(counts.items())}
