"""Reads the index of everyday things: ``things_data/streams.yaml``, ``notes.yaml`` and one file a theme.

Streams and notes are written once for each place, because advice differs between places and is never
carried from one to another. The folder is not in ``data``: every folder there is a jurisdiction.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from guides.errors import GuideFileError
from guides.schema import LANGUAGES, Entry, Language, Name, Slug, Text
from guides.yaml_file import read_mapping

STREAMS_FILE: Final = "streams.yaml"
NOTES_FILE: Final = "notes.yaml"

Note = Annotated[Text, StringConstraints(max_length=200)]
"""One or two sentences."""

Value = TypeVar("Value")


class WrittenDisposal(Entry):
    """Where a thing goes in one place: ids from the streams and the notes of that place."""

    stream: Slug
    note: Slug | None = None


class WrittenThing(Entry):
    """A thing as written in a theme file, with its id as the key.

    Attributes:
        names: what people call it in each language, the first being the one that is shown.
        label: the label whose guide helps, or none where no guide fits.
        is_common: whether most people mean it when a word could mean several things; it is offered earlier.
        places: where it goes, by jurisdiction; ``intl`` is always there.

    """

    names: dict[Language, Annotated[tuple[Name, ...], Field(min_length=1)]]
    label: Slug | None = None
    is_common: bool = False
    places: dict[Slug, WrittenDisposal]


class InLanguages(Entry):
    """One short text in each language."""

    ko: Note
    en: Note

    def read_in(self, language: Language) -> str:
        return self.ko if language == "ko" else self.en


PlaceTexts = dict[str, dict[str, InLanguages]]
"""Texts by place and id."""

_TEXTS: Final = TypeAdapter[PlaceTexts](dict[Slug, dict[Slug, InLanguages]])
_THINGS: Final = TypeAdapter[dict[str, WrittenThing]](dict[Slug, WrittenThing])


def read_texts(file: Path) -> PlaceTexts:
    """The streams or the notes of every place.

    Raises:
        GuideFileError: the file is faulty.

    """
    return _checked(file, _TEXTS.validate_python, read_mapping(file))


def read_things(folder: Path, streams: PlaceTexts, notes: PlaceTexts) -> dict[str, WrittenThing]:
    """Every thing by id, in the order of files and lines.

    Raises:
        GuideFileError: a file is faulty, an id appears twice, or a stream or note is not listed.

    """
    if not folder.is_dir():
        raise GuideFileError(folder, "", "is not a folder of things")
    things: dict[str, WrittenThing] = {}
    for file in sorted(folder.glob("*.yaml")):
        if file.name in (STREAMS_FILE, NOTES_FILE):
            continue
        for thing_id, thing in _checked(file, _THINGS.validate_python, read_mapping(file)).items():
            if thing_id in things:
                raise GuideFileError(file, thing_id, "is written in another file too")
            _check(file, thing_id, thing, streams, notes)
            things[thing_id] = thing
    return things


def _check(file: Path, thing_id: str, thing: WrittenThing, streams: PlaceTexts, notes: PlaceTexts) -> None:
    for language in LANGUAGES:
        if language not in thing.names:
            raise GuideFileError(file, f"{thing_id}.names.{language}", "is missing")
    if "intl" not in thing.places:
        raise GuideFileError(file, f"{thing_id}.places.intl", "is missing")
    for place, disposal in thing.places.items():
        field = f"{thing_id}.places.{place}"
        if disposal.stream not in streams.get(place, {}):
            raise GuideFileError(file, f"{field}.stream", f"{disposal.stream!r} is not a stream of this place")
        if disposal.note is not None and disposal.note not in notes.get(place, {}):
            raise GuideFileError(file, f"{field}.note", f"{disposal.note!r} is not a note of this place")


def _checked(file: Path, validate: Callable[[object], Value], data: object) -> Value:
    try:
        return validate(data)
    except ValidationError as error:
        first, *others = error.errors(include_url=False, include_input=False)
        more = f" (and {len(others)} more)" if others else ""
        raise GuideFileError(file, ".".join(map(str, first["loc"])), first["msg"] + more) from error
