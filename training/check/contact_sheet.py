"""Contact sheets: many photos on one picture, with words under each, for a person to look through."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from training.check.suspects import Suspect
from training.photo import Photo, read_pixels

THUMBNAIL: Final = 160
"""The side of the square that a photo gets, in pixels."""

_GAP, _LINE, _FONT_SIZE = 8, 15, 12
_PAPER, _INK = (250, 250, 250), (20, 20, 20)


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One place on a sheet: pictures side by side, lines of words under them.

    Attributes:
        pictures: (H, W, 3) uint8, RGB, of any size.
        lines: cut to the width of the pictures.

    """

    pictures: tuple[NDArray[np.uint8], ...]
    lines: tuple[str, ...]


def draw_sheet(cells: Sequence[Cell], columns: int) -> Image.Image:
    """Lay the cells out row by row; all get the room that the largest needs.

    Args:
        cells: at least one.
        columns: cells in a row, >= 1.

    """
    across = max(len(cell.pictures) for cell in cells)
    lines = max(len(cell.lines) for cell in cells)
    width = across * THUMBNAIL + (across - 1) * (_GAP // 2)
    height = THUMBNAIL + lines * _LINE
    rows = -(-len(cells) // columns)
    columns = min(columns, len(cells))
    size = (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    for place, cell in enumerate(cells):
        row, column = divmod(place, columns)
        _draw_cell(sheet, cell, _GAP + column * (width + _GAP), _GAP + row * (height + _GAP), width)
    return sheet


def _draw_cell(sheet: Image.Image, cell: Cell, x: int, y: int, width: int) -> None:
    for place, pixels in enumerate(cell.pictures):
        image = Image.fromarray(np.ascontiguousarray(pixels))
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        left = x + place * (THUMBNAIL + _GAP // 2)
        sheet.paste(image, (left + (THUMBNAIL - image.width) // 2, y + (THUMBNAIL - image.height) // 2))
    font = ImageFont.load_default(_FONT_SIZE)
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(cell.lines):
        draw.text((x, y + THUMBNAIL + number * _LINE), _cut(line, font, width), _INK, font)


def _cut(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """The end of the line that fits: of a path that is the telling part."""
    while line and font.getlength(line) > width:
        line = line[1:]
    return line


def _seen(root: Path, photo: Photo) -> NDArray[np.uint8]:
    return read_pixels(root, photo, needed_side=2 * THUMBNAIL)


def pair_cells(root: Path, pairs: Sequence[tuple[Photo, Photo]]) -> list[Cell]:
    """Two photos side by side, with both labels and files under them."""
    return [
        Cell(
            (_seen(root, first), _seen(root, second)),
            (f"{'|'.join(first.labels)} / {'|'.join(second.labels)}", first.path, second.path),
        )
        for first, second in pairs
    ]


def suspect_cells(root: Path, suspects: Sequence[Suspect]) -> list[Cell]:
    """Suspected mislabels, with the given label and the suggested one under each."""
    return [
        Cell(
            (_seen(root, one.photo),),
            (f"{one.given} -> {one.suggested}", f"score {one.score:.4f}", one.photo.path),
        )
        for one in suspects
    ]
