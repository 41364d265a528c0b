"""CVAT's native XML ("CVAT for images 1.1"): tags on images."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol
from xml.parsers import expat

from db.importing.errors import ImportUnreadable
from db.importing.vote import Read, Reason, Refusal, Vote, id_in_path

NAME: Final = "cvat"
_CHUNK: Final = 1 << 16
_LONGEST_TOKEN: Final = 1 << 16
"""Bytes of a tag with its attributes, which the parser keeps until it is whole; CVAT's have some hundreds."""

_DEEPEST: Final = 64
_MOST_NAMES: Final = 1_000
"""Of elements and attributes, each of which the parser remembers; CVAT's XML has some forty."""

_UNTOUCHED: Final = ("file", "auto")
"""What CVAT says of a tag that came with an upload or from a model, and that nobody changed."""


class Bytes(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes:
        """So many more, or fewer at the end."""


def read_cvat(file: Path) -> Iterator[Read]:
    """Every tag.

    Raises:
        ImportUnreadable: it is no such XML; the line is named.

    """
    try:
        with file.open("rb") as stream:
            yield from read_cvat_stream(stream, file.name)
    except OSError as error:
        raise ImportUnreadable(f"{file} cannot be read: {error.strerror}") from error


def read_cvat_stream(stream: Bytes, name: str) -> Iterator[Read]:
    """Likewise, from bytes. What would fill the memory is refused: a document type, and with it every entity, tags
    without end, elements in elements in elements, ever new names. None of CVAT's has these.
    """
    reading = _Reading()
    try:
        while chunk := stream.read(_CHUNK):
            reading.parse(chunk)
            yield from reading.taken()
        reading.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ImportUnreadable(f"{name}: line {error.lineno}: {expat.errors.messages.get(error.code)}") from error
    except (LookupError, ValueError) as error:  # what expat says of an encoding that it does not know
        raise ImportUnreadable(f"{name}: line 1: {error}: save it as UTF-8") from error
    except _Forbidden as error:
        raise ImportUnreadable(f"{name}: line {reading.parser.CurrentLineNumber}: {error}") from error
    yield from reading.taken()
    if not reading.has_root:
        raise ImportUnreadable(f"{name}: line 1: <annotations> is expected, as CVAT writes it")


class _Forbidden(Exception):
    """What no file of CVAT's holds."""


class _Reading:
    """The parser's state: the image that it is in, and what it found."""

    def __init__(self) -> None:
        self.has_root = False
        self._found: list[Read] = []
        self._image: tuple[str, str] | None = None
        self._tags = 0
        self._depth = 0
        self._names: set[str] = set()
        self._given = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = _forbid("a document type is not taken")
        self.parser.EntityDeclHandler = _forbid("entities are not taken")

    def parse(self, chunk: bytes) -> None:
        """The next bytes."""
        self.parser.Parse(chunk, False)
        self._given += len(chunk)
        if self._given - self.parser.CurrentByteIndex > _LONGEST_TOKEN + _CHUNK:
            raise _Forbidden("a tag is longer than any of CVAT's")

    def taken(self) -> list[Read]:
        """What was found since the last time."""
        found, self._found = self._found, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._names.update((name, *attributes))
        if self._depth > _DEEPEST:
            raise _Forbidden("elements lie deeper in one another than any of CVAT's")
        if len(self._names) > _MOST_NAMES:
            raise _Forbidden("it has more kinds of elements than CVAT's")
        if sum(map(len, attributes.values())) > _LONGEST_TOKEN:
            raise _Forbidden("a tag is longer than any of CVAT's")
        if not self.has_root:
            if name != "annotations":
                raise _Forbidden("<annotations> is expected, as CVAT writes it")
            self.has_root = True
        place = f"line {self.parser.CurrentLineNumber}"
        if name == "image":
            self._image = place, id_in_path(attributes.get("name", ""))
            self._tags = 0
        elif name == "tag" and self._image is not None:
            self._tags += 1
            item_id = self._image[1]
            if attributes.get("source") in _UNTOUCHED:
                self._found.append(Refusal(place, Reason.NOT_REVIEWED, item_id))
            else:
                self._found.append(Vote(place, item_id, attributes.get("label", "").strip()))

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "image" and self._image is not None:
            if not self._tags:
                self._found.append(Refusal(self._image[0], Reason.NO_LABEL, self._image[1]))
            self._image = None


def _forbid(why: str) -> Callable[..., None]:
    def forbid(*_given: object) -> None:
        raise _Forbidden(why)

    return forbid
