"""A table to fill in with a spreadsheet."""

from collections.abc import Iterator
from typing import Final

from db.exporting.about import About
from db.exporting.formats.format import Document, Items
from db.exporting.formats.metadata import metadata_csv
from db.exporting.item import Item
from db.spreadsheet import csv_lines


class Table:
    """``to_label.csv``: its column ``label`` is empty, and the file goes back through the import."""

    name: Final = "csv"

    def photo_path(self, item: Item) -> str:
        """See ``Format``."""
        return f"images/{item.item_id}.jpg"

    def documents(self, items: Items, about: About) -> Iterator[Document]:
        """See ``Format``."""
        yield metadata_csv(items)
        rows = ((each.item.item_id, "", each.item.label or each.item.predicted, each.path) for each in items())
        yield Document("to_label.csv", _marked(rows))


def _marked(rows: Iterator[tuple[str, str, str, str]]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"  # without this mark Excel takes the file for one of its own code page
    yield from csv_lines(("item_id", "label", "suggestion", "file_name"), rows)
