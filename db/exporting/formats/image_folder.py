"""A folder for each label, as torchvision, FiftyOne and ImageNet's tools read it."""

from collections.abc import Iterator
from typing import Final

from db.exporting.about import About
from db.exporting.formats.format import Document, Items
from db.exporting.formats.metadata import metadata_csv
from db.exporting.item import Item

UNLABELLED: Final = "unlabelled"
"""The folder of photos that nobody has labelled; the import passes over what is still in it."""


class ImageFolder:
    """``<label>/<id>.jpg``."""

    name: Final = "imagefolder"

    def photo_path(self, item: Item) -> str:
        """See ``Format``."""
        return f"{item.label or UNLABELLED}/{item.item_id}.jpg"

    def documents(self, items: Items, about: About) -> Iterator[Document]:
        """See ``Format``."""
        yield metadata_csv(items)
