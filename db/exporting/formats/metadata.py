"""``metadata.csv``: one row a photo, always with its label.

Hugging Face's imagefolder takes no label from folders once this file is there (datasets 5.2.0), hence the column.
"""

from typing import Final

from db.exporting.formats.format import Document, Items
from db.exporting.item import Exported
from db.spreadsheet import csv_lines

COLUMNS: Final = (
    "file_name",
    "label",
    "item_id",
    "label_source",
    "user_label",
    "pred_label",
    "pred_score",
    "margin",
    "model_version",
    "group_id",
    "duplicate_of",
    "is_random",
    "source",
    "language",
    "licence",
    "captured_month",
    "phash",
    "width",
    "height",
)


def metadata_csv(items: Items) -> Document:
    """The table."""
    return Document("metadata.csv", csv_lines(COLUMNS, (metadata_row(each, each.path) for each in items())))


def metadata_row(photo: Exported, file_name: str) -> tuple[object, ...]:
    """What ``COLUMNS`` are of a photo; ``file_name`` is relative to where the row will stand."""
    item = photo.item
    return (
        file_name,
        item.label,
        item.item_id,
        item.label_source,
        item.resident_label,
        item.predicted,
        item.score,
        item.margin,
        item.model,
        photo.group_id,
        photo.duplicate_of,
        "true" if item.is_random else "false",
        item.source,
        item.language,
        item.licence,
        item.month,
        photo.look,
        photo.width,
        photo.height,
    )
