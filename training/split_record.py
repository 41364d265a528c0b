"""What a split was made from, written beside it: with the same photos it can be made again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.data_recipe import Role
from training.photo import Photo
from training.split import Assigned, part_counts


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """Everything that decides a split, beside the photos.

    Attributes:
        recipe: the data recipe's name.
        seed: of the dealing.
        distance: bits of 64 within which photos count as near-duplicates.
        cosine: of frozen features, from which photos count as views of one object; None: not looked at.

    """

    recipe: str
    seed: int
    distance: int
    cosine: float | None


def readable_only(photos: Mapping[Role, Sequence[Photo]], readable: set[str]) -> dict[Role, list[Photo]]:
    """The photos by role, without those whose path is not among the readable ones."""
    return {role: [photo for photo in listed if photo.path in readable] for role, listed in photos.items()}


def write_split_record(split: Path, settings: SplitSettings, rows: Sequence[Assigned], left_out: int) -> Path:
    """Write ``<split>.json``: settings, counts and the sha256 of the split file.

    Args:
        split: the split file, already written.
        settings: that made it.
        rows: its rows.
        left_out: unreadable photos that are not in it.

    Returns:
        The path of the record.

    """
    parts = {part: sum(counts.values()) for part, counts in part_counts(rows).items()}
    record = {
        "recipe": settings.recipe,
        "seed": settings.seed,
        "distance": settings.distance,
        "cosine": settings.cosine,
        "unreadable": left_out,
        "groups": len({row.group for row in rows}),
        "parts": parts,
        "sha256": hashlib.sha256(split.read_bytes()).hexdigest(),
    }
    file = split.with_name(f"{split.name}.json")
    file.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    return file
