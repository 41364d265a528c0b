"""What is still to be written: which label x jurisdiction x language lacks what."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from guides.book import GuideBook
from guides.schema import Guide, Language

EXPECTED: Final[tuple[str, ...]] = (
    "steps",
    "conditions",
    "parts",
    "mistakes",
    "hazards",
    "becomes",
    "differs_by_town",
)
"""The sections that every label needs everywhere; money, marks and contacts exist only in places."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One hole in the guide book; ``section`` is None where the whole guide is missing."""

    label: str
    jurisdiction: str
    language: Language
    section: str | None

    def __str__(self) -> str:
        return f"{self.label} x {self.jurisdiction} x {self.language}: no {self.section or 'guide'}"


def gaps(
    book: GuideBook, labels: Iterable[str], jurisdictions: Iterable[str], languages: Iterable[Language]
) -> list[Gap]:
    """Every hole in this grid, counting only what is written for the jurisdiction itself."""
    found: list[Gap] = []
    for jurisdiction in jurisdictions:
        written = {(guide.label, guide.language): guide for guide in book.written(jurisdiction)}
        for label in labels:
            for language in languages:
                guide = written.get((label, language))
                found.extend(Gap(label, jurisdiction, language, each) for each in _lacking(guide))
    return found


def _lacking(guide: Guide | None) -> list[str | None]:
    if guide is None:
        return [None]
    return [section for section in EXPECTED if not getattr(guide, section)]
