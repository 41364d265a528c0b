"""Hugging Face ``datasets``: the folder opens with ``load_dataset``, ``label`` as a class."""

from collections.abc import Iterator
from typing import Final

from db.exporting.about import About, card
from db.exporting.formats.format import Document, Items
from db.exporting.formats.metadata import COLUMNS, metadata_csv
from db.exporting.item import Item

_SPLIT: Final = "data/train"
_TYPES: Final = {
    "pred_score": "float64",
    "margin": "float64",
    "is_random": "bool",
    "width": "int64",
    "height": "int64",
}


class HuggingFace:
    """``data/train/<id>.jpg`` with ``metadata.csv`` beside them, and a ``README.md`` that says the types."""

    name: Final = "huggingface"

    def photo_path(self, item: Item) -> str:
        """See ``Format``."""
        return f"{_SPLIT}/{item.item_id}.jpg"

    def documents(self, items: Items, about: About) -> Iterator[Document]:
        """See ``Format``."""
        yield metadata_csv(items, f"{_SPLIT}/metadata.csv")
        yield Document("README.md", [_front_matter(about.labels).encode(), card(about).encode()])


def _front_matter(labels: tuple[str, ...]) -> str:
    """Types of all columns: without them an empty column would be read as numbers, and a label as text."""
    lines = [
        "---",
        "configs:",
        "- config_name: default",
        "  data_files:",
        "  - split: train",
        f"    path: {_SPLIT}/**",
        "dataset_info:",
        "  config_name: default",
        "  features:",
        "  - name: image",
        "    dtype: image",
    ]
    for column in COLUMNS:
        if column == "file_name":
            continue
        lines.append(f"  - name: {column}")
        if column == "label":
            lines += ["    dtype:", "      class_label:", "        names:"]
            lines += [f"          '{number}': {label}" for number, label in enumerate(labels)]
        else:
            lines.append(f"    dtype: {_TYPES.get(column, 'string')}")
    return "\n".join([*lines, "---", "", ""])
