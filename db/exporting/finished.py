"""A finished export, read from its own folder: its manifest and its table."""

import csv
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from db.exporting.errors import ExportRefused
from db.exporting.folder import MANIFEST, WORK
from db.exporting.formats import FORMATS
from db.exporting.item import Exported, Item
from db.spreadsheet import read_cell

TABLE: Final = "metadata.csv"
_PHOTO: Final = re.compile(r"(?:[\w-]+/){1,2}([0-9a-f]{32})\.jpg")
_DOCUMENT: Final = re.compile(
    r"metadata\.csv|classes\.txt|DATASET_CARD\.md|README\.md|data/train/metadata\.jsonl|labelstudio_config\.xml"
    r"|labelstudio_tasks(_[0-9]{1,6})?\.json|labels\.json|annotations\.xml|to_label\.csv"
)
"""What the formats write beside the photos. A manifest may have been altered: no other file is touched for its sake."""


@dataclass(frozen=True, slots=True)
class Finished:
    """An export that is whole.

    Attributes:
        id: of its row in the database.
        at: when it began, UTC.
        made_by: name and version of the program.
        asked: what was asked, as the manifest says it.
        labels: all that there are, in their order.
        counts: of the manifest.
        files: path -> SHA-256 and size of every file.
        photos: in their order.

    """

    id: str
    at: datetime
    made_by: str
    asked: dict[str, Any]
    labels: tuple[str, ...]
    counts: dict[str, Any]
    files: dict[str, tuple[str, int]]
    photos: tuple[Exported, ...]

    @property
    def documents(self) -> tuple[str, ...]:
        """The paths of what stands beside the photos."""
        return tuple(path for path in self.files if _DOCUMENT.fullmatch(path))


def read_finished(folder: Path) -> Finished:
    """Read it; no photo is opened.

    Raises:
        ExportRefused: there is none, or not of this version's form, or it names a file that no export has.

    """
    if (folder / WORK).exists():
        raise ExportRefused(f"{folder} holds an unfinished export: finish it with its own command")
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = {each["path"]: (each["sha256"], each["size"]) for each in found["files"]}
        strange = next((path for path in files if not _DOCUMENT.fullmatch(path) and not _PHOTO.fullmatch(path)), None)
        if strange is not None:
            raise ValueError(f"its manifest names {strange!r}")
        with (folder / TABLE).open(encoding="utf-8", newline="") as table:
            photos = tuple(_photo(row, files) for row in csv.DictReader(table))
        if found["request"]["format"] not in FORMATS:
            raise ValueError(f"an unknown format {found['request']['format']!r}")
        return Finished(
            found["export"],
            datetime.fromisoformat(found["at"]),
            found["made_by"],
            found["request"],
            tuple(found["labels"]),
            found["counts"],
            files,
            photos,
        )
    except OSError as error:
        raise ExportRefused(f"{folder} holds no finished export: {error.filename}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise ExportRefused(f"{folder} holds no export of this version of Bunri ({error})") from error


def _photo(row: dict[str, str], files: dict[str, tuple[str, int]]) -> Exported:
    cells = {name: read_cell(cell) for name, cell in row.items()}
    named = _PHOTO.fullmatch(cells["file_name"])
    if named is None or named[1] != cells["item_id"]:
        raise ValueError(f"{TABLE} names {cells['file_name']!r} for {cells['item_id']!r}")
    sha256, size = files[cells["file_name"]]
    item = Item(
        item_id=cells["item_id"],
        month=cells["captured_month"],
        source=cells["source"],
        language=cells["language"],
        licence=cells["licence"],
        model=cells["model_version"],
        predicted=cells["pred_label"],
        score=float(cells["pred_score"]) if cells["pred_score"] else None,
        margin=float(cells["margin"]) if cells["margin"] else None,
        resident_label=cells["user_label"],
        label=cells["label"],
        label_source=cells["label_source"],
        person="",  # never left; ``group_id`` did
        is_random=cells["is_random"] == "true",
    )
    return Exported(
        item=item,
        path=cells["file_name"],
        sha256=sha256,
        size=size,
        width=int(cells["width"]),
        height=int(cells["height"]),
        look=cells["phash"],
        duplicate_of=cells["duplicate_of"],
        group_id=cells["group_id"],
    )
