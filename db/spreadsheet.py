"""CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet computes (OWASP, CSV Injection)."""


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """UTF-8 lines, the head first; text that would be computed gets an apostrophe before it."""
    yield _line(head)
    for row in rows:
        yield _line([safe_cell(each) for each in row])


def safe_cell(value: object) -> str:
    """As it stands in a cell. Numbers are written as they are; None is empty."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text


def read_cell(cell: str) -> str:
    """The text of which ``safe_cell`` made this."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _line(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()
