"""CVAT: images, the labels for its constructor, and what is known already as tags ("CVAT for images 1.1")."""

import json
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from db.exporting.about import About
from db.exporting.formats.format import Document, Items
from db.exporting.formats.metadata import metadata_csv
from db.exporting.item import Exported, Item


class Cvat:
    """``images/``, ``labels.json`` and ``annotations.xml``.

    The model's guess is no tag: a tag that comes back counts as somebody's word, touched or not.
    """

    name: Final = "cvat"

    def photo_path(self, item: Item) -> str:
        """See ``Format``."""
        return f"images/{item.item_id}.jpg"

    def documents(self, items: Items, about: About) -> Iterator[Document]:
        """See ``Format``."""
        yield metadata_csv(items)
        named = [{"name": label, "type": "tag", "attributes": []} for label in about.labels]
        yield Document("labels.json", [json.dumps(named, ensure_ascii=False, indent=1).encode() + b"\n"])
        yield Document("annotations.xml", _annotations(items, about))


def _annotations(items: Items, about: About) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n<meta><task><labels>\n'
    for label in about.labels:
        yield f"<label><name>{escape(label)}</name><type>tag</type><attributes/></label>\n".encode()
    yield b"</labels></task></meta>\n"
    for number, each in enumerate(items()):
        yield _image(number, each).encode()
    yield b"</annotations>\n"


def _image(number: int, photo: Exported) -> str:
    name = quoteattr(photo.path.rpartition("/")[2])
    head = f'<image id="{number}" name={name} width="{photo.width}" height="{photo.height}"'
    if not photo.item.label:
        return f"{head}/>\n"
    return f'{head}><tag label={quoteattr(photo.item.label)} source="file"/></image>\n'
