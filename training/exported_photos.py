"""Photos of an export that people labelled, as training takes them.

Only what people said counts: a model's guess never becomes truth, and a resident's word is a hint. A photo that
nearly looks like one that a model is measured on is left out, or the measurement would be a lie.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inference.labels import LABELS
from training.data_recipe import DataError
from training.export_table import export_tables, table_rows
from training.near_duplicates import DEFAULT_DISTANCE, close_pairs
from training.photo import Photo
from training.scan import Scanned, hash_columns, scan_photo

SOURCE: Final = "export"
"""Their data set's name: a recipe may weigh it."""

_PEOPLE: Final = "relabelled"

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
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder}: not a finished export ({error})") from error
    tables = export_tables(folder)
    photos, left_out = [], Counter[str]()
    for row in [row for table in tables for row in table_rows(folder, table, ("label", "label_source"))]:
        label = row.cells["label"]
        if row.cells["label_source"] != _PEOPLE:
            left_out[NOT_LABELLED] += 1
            continue
        if label not in LABELS:
            raise DataError(f"{row.where}: {label!r} is not among the labels {', '.join(LABELS)}")
        file = folder / row.path
        _check(file, digests.get(row.path), row.where)
        photos.append(Photo(file.as_posix(), (label,), SOURCE))
    for table in tables:  # a label that was changed here is nobody's in the database: it comes in by an import
        _check(table, digests.get(table.relative_to(folder).as_posix()), "manifest.json")
    return ExportedPhotos(folder, hashlib.sha256(written).hexdigest(), tuple(photos), dict(left_out))


def apart_from(export: ExportedPhotos, held_out: Sequence[Scanned]) -> ExportedPhotos:
    """Without the photos that nearly look like one of ``held_out``, straight or in a mirror, and unreadable ones.

    Args:
        export: what ``read_export`` found.
        held_out: the photos that models are chosen by or measured on, scanned once for all exports.

    """
    own = [scan_photo(export.folder, photo) for photo in export.photos]
    readable = [one for one in own if isinstance(one, Scanned)]
    hashes, _ = hash_columns(readable)
    alike = {
        place for theirs in hash_columns(held_out) for place, _, _ in close_pairs(hashes, theirs, DEFAULT_DISTANCE)
    }
    kept = tuple(one.photo for place, one in enumerate(readable) if place not in alike)
    reasons = {LIKE_HELD_OUT: len(alike), UNREADABLE: len(own) - len(readable)}
    left_out = {**export.left_out, **{reason: count for reason, count in reasons.items() if count}}
    return ExportedPhotos(export.folder, export.manifest_sha256, kept, left_out)


def _check(file: Path, digest: str | None, where: str) -> None:
    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{where}: {file.name} cannot be read ({error.strerror})") from error
    if found != digest:
        raise DataError(f"{where}: {file.name} is not the file that was exported")
