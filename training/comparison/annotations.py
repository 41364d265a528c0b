"""Boxes that somebody drew on photos: a JSON list of ``{image, label, bbox [xmin, ymin, xmax, ymax]}``."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from training.comparison.section import first_faults
from training.data_recipe import DataError


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; the right and the lower edge are outside of it."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class AnnotatedBox:
    """One entry of the file.

    Attributes:
        entry: its number, counted from 1.
        image: the photo, as the file names it: its path below the folder of the task.
        label: of what is in the box.
        box: as written; it may reach over the photo's edge.

    """

    entry: int
    image: str
    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How many boxes carry another label than their photo, and on how many photos."""

    boxes: int
    photos: int


Pixels = Annotated[float, Field(strict=True)]
"""A number, and no text or truth value that could be read as one."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    image: str = Field(min_length=1)
    label: str = Field(pattern=r"\S")
    bbox: tuple[Pixels, Pixels, Pixels, Pixels]


def read_annotations(file: Path) -> list[AnnotatedBox]:
    """Read all boxes, in the file's order.

    Raises:
        DataError: no such file, no JSON, no list, or an entry lacks something; names the file and the entry.

    """
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read ({error})") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{file}: line {error.lineno}, column {error.colno}: no JSON ({error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file}: JSON that is too long or too deep ({error})") from error
    if not isinstance(document, list):
        raise DataError(f"{file}: holds no list of boxes")
    return [_read_entry(file, number, each) for number, each in enumerate(document, start=1)]


def _read_entry(file: Path, number: int, content: object) -> AnnotatedBox:
    try:
        entry = _Entry.model_validate(content)
    except ValidationError as error:
        raise DataError(f"{file}: entry {number}: {first_faults(error)}") from error
    try:
        left, top, right, bottom = (round(value) for value in entry.bbox)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{file}: entry {number}: bbox holds what is no number of pixels") from error
    if left >= right or top >= bottom:
        raise DataError(f"{file}: entry {number}: the box {list(entry.bbox)} on {entry.image} is empty")
    return AnnotatedBox(number, entry.image, entry.label, Box(left, top, right, bottom))


def clipped(annotated: AnnotatedBox, width: int, height: int) -> Box:
    """The part of the box that lies on the photo of this size.

    Raises:
        DataError: no part of it does; names the entry.

    """
    box = annotated.box
    inside = Box(max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom))
    if inside.left >= inside.right or inside.top >= inside.bottom:
        corners = [box.left, box.top, box.right, box.bottom]
        raise DataError(
            f"entry {annotated.entry}: the box {corners} lies outside of {annotated.image} ({width}x{height})"
        )
    return inside


def disagreement(boxes: Sequence[AnnotatedBox], labels: Mapping[str, str]) -> Disagreement:
    """Count the boxes that say otherwise than their photo.

    Args:
        boxes: of the annotations.
        labels: path -> label of the photo; boxes of other photos do not count.

    """
    by_photo = Counter(each.image for each in boxes if labels.get(each.image, each.label) != each.label)
    return Disagreement(by_photo.total(), len(by_photo))
