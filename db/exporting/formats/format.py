"""What a form of export is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from db.exporting.about import About
from db.exporting.item import Exported, Item

Items = Callable[[], Iterator[Exported]]
"""All photos of an export, in order; may be asked for several times, and never holds all of them."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file beside the photos: its path in the export, and what is in it, piece by piece."""

    path: str
    pieces: Iterable[bytes]


class Format(Protocol):
    """A way to lay out photos and what is known of them."""

    @property
    def name(self) -> str:
        """As it is written on the command line."""

    def photo_path(self, item: Item) -> str:
        """Where a photo's file goes."""

    def documents(self, items: Items, about: About) -> Iterator[Document]:
        """Everything beside the photos but the card, the labels and the manifest, which every export has."""
