"""The contact sheets of a report, written into a folder."""

from pathlib import Path
from typing import Final

from training.check.contact_sheet import Cell, draw_sheet, pair_cells, suspect_cells
from training.check.report import Report

PAIRS: Final = 60
"""Pairs with different labels on the sheet: exact copies first, then near-duplicates."""

SUSPECTS: Final = 120
"""Suspected mislabels on the sheet."""


def write_pictures(report: Report, root: Path, folder: Path) -> list[Path]:
    """Draw what is worth looking at; a sheet with nothing on it is not written, and an old one goes.

    Args:
        report: what was found.
        root: what its files are relative to.
        folder: where the sheets go; made where it is missing.

    Returns:
        The pictures written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    differing = [(copies.photos[0], copies.photos[1]) for copies in report.copies if copies.labels_differ]
    differing += [(pair.first, pair.second) for pair in report.near if pair.labels_differ]
    suspects = report.mislabels.suspects[:SUSPECTS] if report.mislabels else ()
    sheets: dict[str, tuple[list[Cell], int]] = {
        "duplicates.jpg": (pair_cells(root, differing[:PAIRS]), 4),
        "mislabels.jpg": (suspect_cells(root, suspects), 8),
    }
    written = []
    for name, (cells, columns) in sheets.items():
        file = folder / name
        if cells:
            draw_sheet(cells, columns).save(file, quality=88)
            written.append(file)
        else:
            file.unlink(missing_ok=True)
    return written
