"""Photos of an export that people labelled, as training takes them.

Only what people said counts: a model's guess never becomes truth, and a resident's word is a hint. A photo that
nearly looks like one that a model is measured on is left out, or the measurement would be a lie.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.errors import DecodeError
from inference.labels import LABELS
from training.data_recipe import DataError
from training.near_duplicates import DEFAULT_DISTANCE, close_pairs, mirrored_hash, perceptual_hash
from training.parallel import in_processes
from training.photo import Photo, read_pixels

SOURCE: Final = "export"
"""Their data set's name: a recipe may weigh it."""

_PEOPLE: Final = "relabelled"
_COLUMNS: Final = ("file_name", "label", "label_source")

NOT_LABELLED: Final = "not labelled by people"
LIKE_HELD_OUT: Final = "like a photo that is measured on"
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class ExportedPhotos:
    """What one export gives.

    Attributes:
        folder: the export's.
        manifest_sha256: of its ``manifest.json``, which names every file's own.
        photos: with absolute paths, and ``SOURCE`` as source.
        left_out: reason -> how many.

    """

    folder: Path
    manifest_sha256: str
    photos: tuple[Photo, ...]
    left_out: dict[str, int]

    def record(self) -> dict[str, Any]:
        """What a run keeps of it; the folder's name alone, not where somebody's disk is."""
        return {
            "export": self.folder.name,
            "manifest_sha256": self.manifest_sha256,
            "photos": len(self.photos),
            "left_out": self.left_out,
        }


def read_export(folder: Path) -> ExportedPhotos:
    """Read a finished export of any form that has a ``metadata.csv``; every table and every photo used is held to its
    SHA-256.

    Raises:
        DataError: it is not finished, a table is malformed, or a file is not the one that was exported.

    """
    folder = folder.resolve()
    try:
        written = (folder / "manifest.json").read_bytes()
        digests = {each["path"]: each["sha256"] for each in json.loads(written)["files"]}
        tables = sorted(folder.rglob("metadata.csv"))
        if not tables:
            raise DataError(f"{folder}: no metadata.csv; export it with --format imagefolder or huggingface")
        rows = [(table, number, row) for table in tables for number, row in _rows(table)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder}: not a finished export ({error})") from error
    photos, left_out = [], Counter[str]()
    for table, number, row in rows:
        where = f"{table}: line {number}"
        if row["label_source"] != _PEOPLE:
            left_out[NOT_LABELLED] += 1
            continue
        if row["label"] not in LABELS:
            raise DataError(f"{where}: {row['label']!r} is not among the labels {', '.join(LABELS)}")
        file = (table.parent / row["file_name"]).resolve()
        if not file.is_relative_to(folder):
            raise DataError(f"{where}: {row['file_name']} leads out of the export")
        _check(file, digests.get(file.relative_to(folder).as_posix()), where)
        photos.append(Photo(file.as_posix(), (row["label"],), SOURCE))
    for table in tables:  # a label that was changed here is nobody's in the database: it comes in by an import
        _check(table, digests.get(table.relative_to(folder).as_posix()), "manifest.json")
    return ExportedPhotos(folder, hashlib.sha256(written).hexdigest(), tuple(photos), dict(left_out))


def apart_from(export: ExportedPhotos, held_out: Sequence[Photo], root: Path, processes: int = 1) -> ExportedPhotos:
    """Without the photos that nearly look like one of ``held_out``, straight or in a mirror, and unreadable ones.

    Args:
        export: what ``read_export`` found.
        held_out: the photos that models are chosen by or measured on.
        root: what their paths are relative to.
        processes: that decode them.

    """
    look = partial(_look, root)
    own = [look(photo) for photo in export.photos]
    others = [each for each in in_processes(look, held_out, processes) if each is not None]
    readable = [place for place, each in enumerate(own) if each is not None]
    hashes = np.array([each[0] for each in own if each is not None], dtype=np.uint64)
    alike: set[int] = set()
    for side in (0, 1):
        theirs: NDArray[np.uint64] = np.array([each[side] for each in others], dtype=np.uint64)
        alike |= {readable[place] for place, _, _ in close_pairs(hashes, theirs, DEFAULT_DISTANCE)}
    kept = tuple(export.photos[place] for place in readable if place not in alike)
    reasons = {LIKE_HELD_OUT: len(alike), UNREADABLE: len(own) - len(readable)}
    left_out = {**export.left_out, **{reason: count for reason, count in reasons.items() if count}}
    return ExportedPhotos(export.folder, export.manifest_sha256, kept, left_out)


def _rows(table: Path) -> list[tuple[int, dict[str, str]]]:
    with table.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise DataError(f"{table}: line 1 must name the columns {', '.join(_COLUMNS)}")
        rows = []
        for row in reader:
            if any(row[name] is None for name in _COLUMNS):
                raise DataError(f"{table}: line {reader.line_num} is cut short")
            rows.append((reader.line_num, row))
    return rows


def _check(file: Path, digest: str | None, where: str) -> None:
    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{where}: {file.name} cannot be read ({error.strerror})") from error
    if found != digest:
        raise DataError(f"{where}: {file.name} is not the file that was exported")


def _look(root: Path, photo: Photo) -> tuple[np.uint64, np.uint64] | None:
    try:
        pixels = read_pixels(root, photo)
    except (DecodeError, OSError):
        return None
    return perceptual_hash(pixels), mirrored_hash(pixels)
