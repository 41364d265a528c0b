"""Label Studio (1.23): tasks with the model's predictions, and the interface to label them with."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from db.exporting.about import About
from db.exporting.formats.format import Document, Items
from db.exporting.formats.metadata import metadata_csv
from db.exporting.item import Exported, Item

MOST_TASKS: Final = 100_000
"""In one file: Label Studio takes 250,000 tasks and 200 MB in one request."""


class LabelStudio:
    """``labelstudio_tasks.json`` and ``labelstudio_config.xml``, images beside them."""

    name: Final = "label-studio"

    def photo_path(self, item: Item) -> str:
        """See ``Format``."""
        return f"images/{item.item_id}.jpg"

    def documents(self, items: Items, about: About) -> Iterator[Document]:
        """See ``Format``."""
        yield metadata_csv(items)
        yield Document("labelstudio_config.xml", [config(about.labels).encode()])
        number, all_items = 1, items()
        while True:
            some = islice(all_items, MOST_TASKS)
            first = next(some, None)
            if first is None and number > 1:
                return
            name = "labelstudio_tasks.json" if number == 1 else f"labelstudio_tasks_{number}.json"
            yield Document(name, _array(first, some, about))
            if first is None:
                return
            number += 1


def config(labels: tuple[str, ...]) -> str:
    """The labelling interface: one choice of these labels."""
    choices = "\n".join(f"    <Choice value={quoteattr(label)}/>" for label in labels)
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        '  <Choices name="label" toName="image" choice="single" showInLine="true">\n'
        f"{choices}\n  </Choices>\n</View>\n"
    )


def task(photo: Exported, root: str) -> dict[str, Any]:
    """One task. ``root`` is the export's folder as Label Studio's document root sees it.

    What is known already is an annotation, and stands in ``known_label`` as well: the import tells by it what nobody
    looked at again.
    """
    item = photo.item
    made: dict[str, Any] = {
        "data": {
            "image": f"/data/local-files/?d={quote(f'{root}/{photo.path}')}",
            "item_id": item.item_id,
            "source": item.source,
            "known_label": item.label,
            "is_random": item.is_random,
        }
    }
    if item.predicted:
        prediction: dict[str, Any] = {
            "model_version": item.model,
            "result": [_choice(f"{item.item_id}-p", item.predicted)],
        }
        if item.score is not None:
            prediction["score"] = round(min(1.0, max(0.0, item.score)), 4)
        made["predictions"] = [prediction]
    if item.label:
        made["annotations"] = [{"result": [_choice(f"{item.item_id}-k", item.label)], "was_cancelled": False}]
    return made


def _choice(name: str, label: str) -> dict[str, Any]:
    return {"id": name, "from_name": "label", "to_name": "image", "type": "choices", "value": {"choices": [label]}}


def _array(first: Exported | None, rest: Iterator[Exported], about: About) -> Iterator[bytes]:
    root = str(about.asked["image_root"]).strip("/") or about.folder
    yield b"["
    if first is not None:
        yield b"\n" + json.dumps(task(first, root), ensure_ascii=False).encode()
    for each in rest:
        yield b",\n" + json.dumps(task(each, root), ensure_ascii=False).encode()
    yield b"\n]\n"
