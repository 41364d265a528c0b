"""The guide book: which guide answers for a label here, in this language."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from guides.errors import GuideMissing
from guides.loader import HEADINGS_FILE, Shelf, jurisdictions_in, load_headings, load_shelf
from guides.schema import LANGUAGES, Guide, Headings, Language

DATA: Final = Path(__file__).resolve().parent / "data"
"""The guides that ship with Bunri."""

ANYWHERE: Final = "intl"
"""The jurisdiction that answers where no nearer one does: generic and cautious."""


class GuideBook:
    """Guides by label, jurisdiction and language, read from a folder when they are first needed.

    The folder holds one folder a jurisdiction. Reading one takes some tens of milliseconds and blocks: call
    :meth:`load` before serving, or from a worker thread. Afterwards :meth:`find` only looks things up.
    """

    def __init__(self, folder: Path, jurisdictions: Iterable[str]) -> None:
        self._folder = folder
        self._jurisdictions = tuple(sorted(jurisdictions))
        self._shelves: dict[str, Shelf] = {}
        self._headings: dict[Language, Headings] = {}

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """The jurisdictions that have a folder, sorted."""
        return self._jurisdictions

    def load(self, *jurisdictions: str) -> None:
        """Read and validate these jurisdictions now (all of them when none is named).

        Raises:
            GuideFileError: a file in them is faulty.

        """
        for jurisdiction in jurisdictions or self._jurisdictions:
            for each in self.chain(jurisdiction):
                self._shelf(each)
        for language in LANGUAGES:
            self.headings(language)

    def chain(self, jurisdiction: str) -> tuple[str, ...]:
        """The jurisdictions that are asked, nearest first: the town, what it lies in, then anywhere.

        ``kr-jungnang`` -> ``("kr-jungnang", "kr", "intl")``; a place nobody wrote about -> ``("intl",)``.
        """
        pieces = jurisdiction.split("-")
        nearest_first = ["-".join(pieces[:count]) for count in range(len(pieces), 0, -1)]
        wanted = dict.fromkeys([*nearest_first, ANYWHERE])
        return tuple(each for each in wanted if each in self._jurisdictions)

    def find(self, label: str, jurisdiction: str, language: Language) -> Guide:
        """The nearest guide for a label, never in another language than the one asked for.

        The language is kept and the place is widened (see :meth:`chain`), because a generic text that the
        reader understands is safer than a local one that they do not. ``Guide.jurisdiction`` tells which
        place answered.

        Raises:
            GuideMissing: none of the places in the chain has this label in this language.
            GuideFileError: a file that had to be read for it is faulty.

        """
        tried = self.chain(jurisdiction)
        for each in tried:
            guide = self._shelf(each).get((label, language))
            if guide is not None:
                return guide
        raise GuideMissing(label, jurisdiction, language, tried)

    def written(self, jurisdiction: str) -> tuple[Guide, ...]:
        """The guides of exactly this jurisdiction, without what it takes from further out."""
        return tuple(self._shelf(jurisdiction).values()) if jurisdiction in self._jurisdictions else ()

    def labels(self, jurisdiction: str) -> tuple[str, ...]:
        """The labels that some guide answers for here, sorted."""
        return tuple(sorted({label for each in self.chain(jurisdiction) for label, _ in self._shelf(each)}))

    def label_named(self, name: str, jurisdiction: str) -> str | None:
        """The label that a person means by a name: a label, a title or one of its other names, any language.

        Case, spaces and punctuation do not count. Nearer jurisdictions win; None when nobody is called so.
        """
        wanted = _bare(name)
        for each in self.chain(jurisdiction):
            for guide in self._shelf(each).values():
                if wanted in {_bare(called) for called in (guide.label, guide.title, *guide.also)}:
                    return guide.label
        return None

    def headings(self, language: Language) -> Headings:
        """The words above a guide's sections.

        Raises:
            GuideFileError: the file of headings is faulty.

        """
        if language not in self._headings:
            self._headings.update(load_headings(self._folder / HEADINGS_FILE))
        return self._headings[language]

    def _shelf(self, jurisdiction: str) -> Shelf:
        shelf = self._shelves.get(jurisdiction)
        if shelf is None:
            shelf = load_shelf(self._folder, jurisdiction)
            self._shelves[jurisdiction] = shelf
        return shelf


def load_guides(folder: Path | None = None) -> GuideBook:
    """The guide book in a folder (the shipped one by default). Its files are read when they are first needed.

    Raises:
        GuideFileError: there is no such folder, or a folder in it cannot be a jurisdiction.

    """
    home = DATA if folder is None else folder
    return GuideBook(home, jurisdictions_in(home))


def _bare(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
