"""Tables: ``item_id,label``, Label Studio's CSV, and the export's own ``to_label.csv`` and ``metadata.csv``."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from db.importing.errors import ImportUnreadable
from db.importing.text_file import opened
from db.importing.vote import Read, Reason, Refusal, Vote, id_in_path, read_name, read_time

NAME: Final = "csv"
_SEPARATORS: Final = ",;\t"
"""What spreadsheets write, by where they stand."""

_LONGEST_LINE: Final = 1 << 20
_PATHS: Final = ("file_name", "image")


def read_table(file: Path) -> Iterator[Read]:
    """Every row behind the head.

    Raises:
        ImportUnreadable: the columns are not there, or it is no CSV; the line is named.

    """
    with opened(file) as text:
        lines = _lines(text, file.name)
        head = next(lines, "").rstrip("\r\n")
        separator = max(_SEPARATORS, key=head.count)
        columns = [name.strip().strip('"').lower() for name in head.split(separator)]
        if "label" not in columns or not {"item_id", *_PATHS} & set(columns):
            raise ImportUnreadable(
                f"{file.name}: line 1 must name the columns item_id and label (or file_name and label); "
                f"it begins with {head[:60]!r}"
            )
        twice = sorted({name for name in ("item_id", "label", *_PATHS) if columns.count(name) > 1})
        if twice:
            raise ImportUnreadable(f"{file.name}: line 1 names the column {twice[0]} twice")
        yield from _rows(lines, file.name, columns, separator)


def _lines(text: TextIO, name: str) -> Iterator[str]:
    number = 1
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise ImportUnreadable(f"{name}: line {number} is too long for a table of labels")
        yield line
        number += 1


def _rows(lines: Iterator[str], name: str, columns: list[str], separator: str) -> Iterator[Read]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = 2
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _read(cells, columns, f"line {line}")
            line = reader.line_num + 2
    except csv.Error as error:
        raise ImportUnreadable(f"{name}: line {line}: {error}") from error


def _read(cells: list[str], columns: list[str], place: str) -> Read:
    if len(cells) != len(columns):
        return Refusal(place, Reason.MALFORMED, f"{len(cells)} cells below {len(columns)} columns")
    row = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    item_id = row.get("item_id") or next((id_in_path(row[each]) for each in _PATHS if row.get(each)), "")
    label = row["label"]
    if not label:
        return Refusal(place, Reason.NO_LABEL, item_id)
    if row.get("label_source"):
        # The export's own word; who gives another one empties this cell.
        return Refusal(place, Reason.NOT_REVIEWED, item_id)
    if label == row.get("known_label") and row.get("lead_time") in ("", "0", "0.0"):
        return Refusal(place, Reason.NOT_REVIEWED, item_id)
    at = read_time(row.get("updated_at")) or read_time(row.get("created_at"))
    return Vote(place, item_id, label, read_name(row.get("annotator")), at)
