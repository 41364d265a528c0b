"""The twelve waste labels, spelled as everywhere in Bunri (command line, HTTP, database, files)."""

from enum import StrEnum
from typing import Final


class Label(StrEnum):
    """A waste class. The order of the members is the order of every logits column."""

    BATTERY = "battery"
    BIOLOGICAL = "biological"
    BROWN_GLASS = "brown-glass"
    CARDBOARD = "cardboard"
    CLOTHES = "clothes"
    GREEN_GLASS = "green-glass"
    METAL = "metal"
    PAPER = "paper"
    PLASTIC = "plastic"
    SHOES = "shoes"
    TRASH = "trash"
    WHITE_GLASS = "white-glass"


LABELS: Final[tuple[Label, ...]] = tuple(Label)
