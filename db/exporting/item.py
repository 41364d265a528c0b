"""A photo as an export knows it: everything on it that may leave, and nothing else."""

from dataclasses import dataclass
from enum import StrEnum


class LabelSource(StrEnum):
    """Whose word a label is."""

    PEOPLE = "relabelled"
    RESIDENT = "resident"
    NOBODY = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A photo that is to be exported. The order of the fields is that of the plan's columns.

    Attributes:
        item_id: the vault's id, which is random; the way back.
        month: in which it was kept: 2026-05.
        source: the platform.
        language: of the answer; "" where the query is no longer in the log.
        licence: under which terms it was given.
        model: name and version of the network that looked at it; "" where that is no longer known.
        predicted: what it said.
        score: how sure it was, 0 to 1; None where that is not known.
        margin: how far ahead of the second label, 0 to 1.
        resident_label: what its resident says it is; "" where they said nothing.
        label: the best that is known: what people labelled it, else the resident's word; "" where nobody said.
        label_source: whose word that is.
        person: the same for all photos of one resident, in this export only.
        is_random: drawn at random, not for its usefulness.

    """

    item_id: str
    month: str
    source: str
    language: str
    licence: str
    model: str
    predicted: str
    score: float | None
    margin: float | None
    resident_label: str
    label: str
    label_source: str
    person: str
    is_random: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A photo that was written.

    Attributes:
        item: what is known of it.
        path: of its file in the export, with forward slashes.
        sha256: of the file, hexadecimal.
        size: of the file, bytes.
        width: pixels.
        height: pixels.
        look: its fingerprint's bits, hexadecimal.
        duplicate_of: the id of an exported photo that it nearly looks like; "" where there is none before it.
        group_id: shared by the photos of one resident and by what nearly looks like them: never split a group.

    """

    item: Item
    path: str
    sha256: str
    size: int
    width: int
    height: int
    look: str
    duplicate_of: str
    group_id: str
