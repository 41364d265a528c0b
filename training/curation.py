"""Which exported photos somebody should look at again, and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from db.spreadsheet import csv_lines
from inference.labels import LABELS
from training.check.balance import TARGET
from training.check.copies import exact_copies, near_duplicates
from training.check.suspects import Suspect
from training.export_table import export_tables, table_rows
from training.photo import Photo
from training.scan import Scanned

SMALLEST_SIDE: Final = 64
"""Pixels; a photo with a shorter side of no more shows too little of a thing."""

BLURRED: Final = 12.0
"""Sharpness below which nothing is told apart; a test holds real photos and blurred ones against it."""

DARK: Final = 60.0
"""Brightness; the same test holds real photos against it."""


class Reason(StrEnum):
    """Why, the weightiest first."""

    CONFLICT = "looks like a photo with another label"
    MISLABEL = "its label looks wrong"
    BLURRED = "blurred"
    DARK = "dark"
    TINY = "64 pixels or less"
    UNREADABLE = "unreadable"
    DUPLICATE = "looks like another photo"


@dataclass(frozen=True, slots=True)
class Finding:
    """A photo to look at.

    Attributes:
        item_id: the vault's id.
        label: what it is labelled, "" where nobody said.
        suggested: what it may be instead; "" where nothing is suggested.
        reasons: in the order of ``Reason``.

    """

    item_id: str
    label: str
    suggested: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Curation:
    """All findings, the weightiest first, and how far each label is from its target."""

    photos: int
    findings: tuple[Finding, ...]
    missing: dict[str, int]

    @property
    def counts(self) -> dict[Reason, int]:
        """How many photos have each reason."""
        found = Counter(reason for finding in self.findings for reason in finding.reasons)
        return {reason: found[reason] for reason in Reason}


@dataclass(frozen=True, slots=True)
class ListedPhoto:
    """A row of an export's ``metadata.csv``: its file, relative to the export; its id; its label or ""."""

    path: str
    item_id: str
    label: str


def list_export(folder: Path) -> list[ListedPhoto]:
    """The photos of an export.

    Raises:
        DataError: it has no table of them, or the table is malformed.

    """
    return [
        ListedPhoto(row.path, row.cells["item_id"], row.cells["label"])
        for table in export_tables(folder)
        for row in table_rows(folder, table, ("item_id", "label"))
    ]


def curate(
    listed: Sequence[ListedPhoto],
    scanned: Sequence[Scanned],
    suspects: Iterable[Suspect],
    distance: int,
) -> Curation:
    """Put together what was seen of the photos.

    Args:
        listed: all of them.
        scanned: the readable ones; ``labels`` of their photos is empty where nobody said.
        suspects: of ``training.check.mislabels``.
        distance: bits of 64 that may differ between near-duplicates.

    """
    reasons: defaultdict[str, set[Reason]] = defaultdict(set)
    suggested: dict[str, str] = {}
    for one in scanned:
        path = one.photo.path
        if min(one.width, one.height) <= SMALLEST_SIDE:
            reasons[path].add(Reason.TINY)
        if one.quality.sharpness < BLURRED:
            reasons[path].add(Reason.BLURRED)
        if one.quality.brightness < DARK:
            reasons[path].add(Reason.DARK)
    for pair in _alike(scanned, distance):
        conflict = all(photo.labels for photo in pair) and pair[0].labels != pair[1].labels
        if conflict:
            for photo in pair:
                reasons[photo.path].add(Reason.CONFLICT)
        else:
            # The later one of two that agree: the other stays as it is.
            reasons[pair[1].path].add(Reason.DUPLICATE)
    for suspect in suspects:
        reasons[suspect.photo.path].add(Reason.MISLABEL)
        suggested[suspect.photo.path] = suspect.suggested
    readable = {one.photo.path for one in scanned}
    for each in listed:
        if each.path not in readable:
            reasons[each.path].add(Reason.UNREADABLE)
    order = list(Reason)
    findings = [
        Finding(each.item_id, each.label, suggested.get(each.path, ""), tuple(sorted(found, key=order.index)))
        for each in listed
        if (found := reasons.get(each.path))
    ]
    findings.sort(key=lambda finding: (order.index(finding.reasons[0]), -len(finding.reasons), finding.item_id))
    sizes = Counter(each.label for each in listed)
    missing = {label.value: max(0, TARGET - sizes[label.value]) for label in LABELS}
    return Curation(len(listed), tuple(findings), missing)


def write_queue(file: Path, curation: Curation) -> None:
    """A table of the photos to label again, for `bunri export --only`; the whole file or none of it."""
    rows = (
        (finding.item_id, finding.label, finding.suggested, "; ".join(finding.reasons)) for finding in curation.findings
    )
    draft = file.with_suffix(".draft")
    file.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("wb") as stream:
        stream.writelines(csv_lines(("item_id", "label", "suggestion", "reasons"), rows))
    draft.replace(file)


def _alike(scanned: Sequence[Scanned], distance: int) -> Iterable[tuple[Photo, Photo]]:
    for copies in exact_copies(scanned):
        first, *others = copies.photos
        yield from ((first, other) for other in others)
    for pair in near_duplicates(scanned, distance):
        yield pair.first, pair.second
