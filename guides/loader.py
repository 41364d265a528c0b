"""Reads guide files: ``data/<jurisdiction>/<label>.yaml``, with ``sources.yaml`` beside them.

A label file has one section a language. A town's folder (``kr-jungnang`` lies in ``kr``) needs only the files
and the keys that differ there: what it does not say is taken from the place around it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from guides.errors import GuideFileError
from guides.schema import LANGUAGES, Entry, Guide, Headings, Language, Name, Slug, Source, SourceKind
from guides.yaml_file import read_mapping

SOURCES_FILE: Final = "sources.yaml"
HEADINGS_FILE: Final = "headings.yaml"

Shelf = dict[tuple[str, Language], Guide]
"""The guides of one jurisdiction by label and language."""

Value = TypeVar("Value")

_Section = dict[str, object]

_IDENTITY: Final = ("label", "jurisdiction", "language", "sources")
"""What a guide has but a file does not write: its place, its section and its citations say it."""


class _WrittenSource(Entry):
    """A source as written in ``sources.yaml``: with its name in each language, and its id as the key."""

    name: dict[Language, Name] = Field(min_length=1)
    kind: SourceKind
    page: Name | None = None
    checked: date

    def read_in(self, language: Language, source_id: str) -> Source:
        return Source(id=source_id, name=self.name[language], kind=self.kind, page=self.page, checked=self.checked)


_SLUG: Final = TypeAdapter[str](Slug)
_SECTIONS: Final = TypeAdapter[dict[Language, dict[str, object]]](dict[Language, dict[str, object]])
_SOURCES: Final = TypeAdapter[dict[str, _WrittenSource]](dict[Slug, _WrittenSource])
_HEADINGS: Final = TypeAdapter[dict[Language, Headings]](dict[Language, Headings])


def jurisdictions_in(folder: Path) -> tuple[str, ...]:
    """The names of the folders in the guide folder.

    Raises:
        GuideFileError: there is no such folder, or a name cannot be a jurisdiction.

    """
    if not folder.is_dir():
        raise GuideFileError(folder, "", "is not a folder of guides")
    names = tuple(sorted(each.name for each in folder.iterdir() if each.is_dir()))
    for name in names:
        _checked(folder / name, "", _SLUG.validate_python, name)
    return names


def load_shelf(folder: Path, jurisdiction: str) -> Shelf:
    """Every guide of one jurisdiction, validated.

    Raises:
        GuideFileError: a file in it, or in the place it takes texts from, is faulty.

    """
    sources = _read_sources(folder, jurisdiction)
    labels = {file.stem for each in jurisdictions_in(folder) for file in _label_files(folder, each)}
    shelf: Shelf = {}
    for file in _label_files(folder, jurisdiction):
        for language, section in _read_sections(folder, jurisdiction, file.stem).items():
            guide = _guide(file, jurisdiction, language, section, sources)
            if dangling := sorted(guide.leads_to() - labels):
                raise GuideFileError(file, language, f"leads to {dangling[0]!r}, which has no guide")
            shelf[file.stem, language] = guide
    return shelf


def load_headings(file: Path) -> dict[Language, Headings]:
    """The words above the sections, by language.

    Raises:
        GuideFileError: the file is faulty or lacks a language.

    """
    headings = _checked(file, "", _HEADINGS.validate_python, read_mapping(file))
    for language in LANGUAGES:
        if language not in headings:
            raise GuideFileError(file, language, "is missing")
    return headings


def _label_files(folder: Path, jurisdiction: str) -> list[Path]:
    return sorted(file for file in (folder / jurisdiction).glob("*.yaml") if file.name != SOURCES_FILE)


def _around(jurisdiction: str) -> str | None:
    outer, hyphen, _ = jurisdiction.rpartition("-")
    return outer if hyphen else None


def _read_sections(folder: Path, jurisdiction: str, label: str) -> dict[Language, _Section]:
    """The sections written in this jurisdiction's file, completed with those of the places around it."""
    file = folder / jurisdiction / f"{label}.yaml"
    if not file.is_file():
        return {}
    written = _checked(file, "", _SECTIONS.validate_python, read_mapping(file))
    if not written:
        raise GuideFileError(file, "", "has no language")
    for language, section in written.items():
        for key in _IDENTITY:
            if key in section:
                raise GuideFileError(file, f"{language}.{key}", "is not written here; the file's place says it")
    outer = _around(jurisdiction)
    outer_sections = _read_sections(folder, outer, label) if outer else {}
    return {language: {**outer_sections.get(language, {}), **section} for language, section in written.items()}


def _read_sources(folder: Path, jurisdiction: str) -> dict[str, _WrittenSource]:
    outer = _around(jurisdiction)
    sources = _read_sources(folder, outer) if outer else {}
    file = folder / jurisdiction / SOURCES_FILE
    if file.is_file():
        sources |= _checked(file, "", _SOURCES.validate_python, read_mapping(file))
    return sources


def _guide(
    file: Path, jurisdiction: str, language: Language, section: _Section, sources: dict[str, _WrittenSource]
) -> Guide:
    cited = []
    for field, source_id in _citations(section, language):
        source = sources.get(source_id)
        if source is None:
            raise GuideFileError(file, field, f"cites {source_id!r}, which {SOURCES_FILE} does not list")
        if language not in source.name:
            raise GuideFileError(file, field, f"cites {source_id!r}, which has no name in this language")
        cited.append(source.read_in(language, source_id))
    identity = {"label": file.stem, "jurisdiction": jurisdiction, "language": language}
    raw = {**section, **identity, "sources": tuple(dict.fromkeys(cited))}
    return _checked(file, language, Guide.model_validate, raw)


def _citations(raw: object, field: str) -> list[tuple[str, str]]:
    """(field, id) for every id under a ``sources`` key, as far as the shape is right."""
    if isinstance(raw, list):
        return [found for index, each in enumerate(raw) for found in _citations(each, f"{field}[{index}]")]
    if not isinstance(raw, Mapping):
        return []
    found: list[tuple[str, str]] = []
    for key, value in raw.items():
        if key == "sources" and isinstance(value, list):
            found.extend((f"{field}.sources", each) for each in value if isinstance(each, str))
        else:
            found.extend(_citations(value, f"{field}.{key}"))
    return found


def _checked(file: Path, field: str, validate: Callable[[object], Value], data: object) -> Value:
    """What ``validate`` makes of ``data``; its complaint, if any, as a fault of this file and field."""
    try:
        return validate(data)
    except ValidationError as error:
        first, *others = error.errors(include_url=False, include_input=False)
        path = field + "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in first["loc"])
        more = f" (and {len(others)} more)" if others else ""
        raise GuideFileError(file, path.lstrip("."), first["msg"] + more) from error
