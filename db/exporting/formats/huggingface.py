"""Hugging Face ``datasets`` (5.2.0): the folder opens with ``load_dataset``."""

import json
from collections.abc import Iterator
from typing import Final

from db.exporting.about import About, card
from db.exporting.formats.format import Document, Items
from db.exporting.formats.metadata import COLUMNS, metadata_csv, metadata_row
from db.exporting.item import Exported, Item

_SPLIT: Final = "data/train"

_HOW: Final = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train/**
---

```python
from datasets import ClassLabel, load_dataset

photos = load_dataset("{folder}", split="train")
labels = open("{folder}/classes.txt").read().split()
photos = photos.cast_column("label", ClassLabel(names=labels))  # None where nobody has said what it is
```

"""


class HuggingFace:
    """``data/train/<id>.jpg`` with ``metadata.jsonl`` beside them, ``metadata.csv`` and a ``README.md`` above.

    Not the table beside the photos: a column that is empty in its first 10,000 rows would be taken for numbers there,
    and the text below it for a fault.
    """

    name: Final = "huggingface"

    def photo_path(self, item: Item) -> str:
        """See ``Format``."""
        return f"{_SPLIT}/{item.item_id}.jpg"

    def documents(self, items: Items, about: About) -> Iterator[Document]:
        """See ``Format``."""
        yield metadata_csv(items)
        yield Document(f"{_SPLIT}/metadata.jsonl", (_line(each) for each in items()))
        yield Document("README.md", [_HOW.replace("{folder}", about.folder).encode(), card(about).encode()])


def _line(photo: Exported) -> bytes:
    row = dict(zip(COLUMNS, metadata_row(photo, f"{photo.item.item_id}.jpg"), strict=True))
    return json.dumps({**row, "label": row["label"] or None}, ensure_ascii=False).encode() + b"\n"
