"""The parts of a guide, as replies and buttons name them."""

from enum import StrEnum


class SectionKind(StrEnum):
    """A part of a guide. The order of the members is the order in which a guide is read."""

    BINS = "bins"
    HAZARDS = "hazards"
    STEPS = "steps"
    CONDITION = "condition"
    PARTS = "parts"
    MISTAKES = "mistakes"
    BECOMES = "becomes"
    MONEY = "money"
    MARKS = "marks"
    CONTACTS = "contacts"
    DIFFERS = "differs"
    SOURCES = "sources"
