"""What a run learns from, kept in its folder: the split, and every export beside it."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from training.data_recipe import DataError
from training.exported_photos import ExportedPhotos

NAME: Final = "data.json"


def record_data(run: Path, split_file: Path, exports: Sequence[ExportedPhotos], *, resume: bool) -> None:
    """Write it; a run that goes on (``resume``, and there is a checkpoint) must go on with the same data.

    Raises:
        DataError: the run learned from other data so far.

    """
    record = {
        "split_sha256": hashlib.sha256(split_file.read_bytes()).hexdigest(),
        "exports": [export.record() for export in exports],
    }
    file = run / NAME
    if (
        resume
        and (run / "checkpoint.pt").is_file()
        and file.is_file()
        and json.loads(file.read_text("utf-8")) != record
    ):
        raise DataError(f"{run} learned from other data so far; start over with --fresh, or choose another --out")
    run.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")


def recorded_exports(run: Path) -> list[JsonValue]:
    """The exports that a run learned from; none where it kept no record."""
    file = run / NAME
    if not file.is_file():
        return []
    exports: list[JsonValue] = json.loads(file.read_text("utf-8"))["exports"]
    return exports
