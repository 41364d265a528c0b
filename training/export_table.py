"""The tables ``metadata.csv`` of an export's folder."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.data_recipe import DataError


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row.

    Attributes:
        where: its table and line, for errors.
        path: of its photo, relative to the export, with forward slashes.
        cells: by column.

    """

    where: str
    path: str
    cells: dict[str, str]


def export_tables(folder: Path) -> list[Path]:
    """All tables of an export, at least one.

    Raises:
        DataError: there is none.

    """
    tables = sorted(folder.rglob("metadata.csv"))
    if not tables:
        raise DataError(f"{folder}: no metadata.csv; export it with --format imagefolder or huggingface")
    return tables


def table_rows(folder: Path, table: Path, columns: Sequence[str]) -> list[TableRow]:
    """The rows of a table, each with ``file_name`` and these columns.

    Raises:
        DataError: it cannot be read, lacks a column, is cut short, or names a file outside the export.

    """
    wanted = ("file_name", *columns)
    rows = []
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if any(name not in (reader.fieldnames or ()) for name in wanted):
                raise DataError(f"{table}: line 1 must name the columns {', '.join(wanted)}")
            for row in reader:
                where = f"{table}: line {reader.line_num}"
                if any(row[name] is None for name in wanted):
                    raise DataError(f"{where} is cut short")
                file = (table.parent / row["file_name"]).resolve()
                if not file.is_relative_to(folder.resolve()):
                    raise DataError(f"{where}: {row['file_name']} leads out of the export")
                rows.append(TableRow(where, file.relative_to(folder.resolve()).as_posix(), row))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table}: not a readable table ({error})") from error
    return rows
