"""Tables: ``item_id,label``, Label Studio's CSV, and the export's own ``to_label.csv`` and ``metadata.csv``."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self, TextIO

from db.importing.errors import ImportUnreadable
from db.importing.text_file import opened
from db.importing.vote import Read, Reason, Refusal, Vote, id_in_path, read_name, read_time

NAME: Final = "csv"
_SEPARATORS: Final = ",;\t"
"""What spreadsheets write, by where they stand."""

_LONGEST_ROW: Final = 1 << 20
"""Characters. A row may be many lines, for a cell in quotes holds line ends; the parser keeps it until it is whole."""

_PATHS: Final = ("file_name", "image")


def read_table(file: Path) -> Iterator[Read]:
    """Every row behind the head.

    Raises:
        ImportUnreadable: the columns are not there, or it is no CSV; the line is named.

    """
    with opened(file) as text:
        lines = _Lines(text, file.name)
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


class _Lines:
    """The lines of a table, and how much of it was read since the last whole row."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._text = text
        self._name = name
        self._left = _LONGEST_ROW
        self._read = 0
        self.first = 1
        """Where the row begins, from 1."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._left -= len(line)
        if self._left < 0:
            raise ImportUnreadable(f"{self._name}: line {self.first}: its row is too long for a table of labels")
        self._read += 1
        return line

    def end_row(self) -> None:
        """The next line begins a row."""
        self._left = _LONGEST_ROW
        self.first = self._read + 1


def _rows(lines: _Lines, name: str, columns: list[str], separator: str) -> Iterator[Read]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        lines.end_row()
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _read(cells, columns, f"line {lines.first}")
            lines.end_row()
    except csv.Error as error:
        raise ImportUnreadable(f"{name}: line {lines.first}: {error}") from error


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
