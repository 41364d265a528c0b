"""A long JSON array, element by element: only one of them is in memory."""

import json
from collections.abc import Iterator
from typing import Any, Final, TextIO

from db.importing.errors import ImportUnreadable

_CHUNK: Final = 1 << 18
_LARGEST_ELEMENT: Final = 1 << 23
"""Characters: thousands of annotations on one photo."""

_SPACE: Final = " \t\r\n"


class _Buffer:
    """What was read and not used yet, and the number of the line in which it begins."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file = file
        self._name = name
        self.text = ""
        self.line = 1

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        chunk = self._file.read(max(_CHUNK, len(self.text)))
        self.text += chunk
        return bool(chunk)

    def drop(self, count: int) -> None:
        """Forget the first characters."""
        self.line += self.text.count("\n", 0, count)
        self.text = self.text[count:]

    def next_character(self) -> str:
        """The next one that is no space, at the beginning of ``text`` now; "" at the end."""
        while True:
            self.drop(len(self.text) - len(self.text.lstrip(_SPACE)))
            if self.text or not self.more():
                return self.text[:1]

    def wrong(self, what: str) -> ImportUnreadable:
        return ImportUnreadable(f"{self._name} is not the JSON that was expected: line {self.line}: {what}")


def objects_of(file: TextIO, name: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Number from 0, line from 1, and content of each object of the array in this file.

    Raises:
        ImportUnreadable: it is no JSON array of objects; the line is named.

    """
    buffer = _Buffer(file, name)
    if buffer.next_character() != "[":
        raise buffer.wrong("a list of tasks, [...], is expected")
    buffer.drop(1)
    number = 0
    while (character := buffer.next_character()) != "]":
        if number:
            if character != ",":
                raise buffer.wrong("a comma or the end of the list is expected")
            buffer.drop(1)
            character = buffer.next_character()
        if character != "{":
            raise buffer.wrong("an object, {...}, is expected")
        line = buffer.line
        yield number, line, _object(buffer)
        number += 1
    buffer.drop(1)
    if buffer.next_character():
        raise buffer.wrong("nothing is expected behind the list")


def _object(buffer: _Buffer) -> dict[str, Any]:
    decoder = json.JSONDecoder()
    while True:
        try:
            found, end = decoder.raw_decode(buffer.text)
        except json.JSONDecodeError as error:
            if len(buffer.text) > _LARGEST_ELEMENT or not buffer.more():
                raise buffer.wrong(error.msg) from error
            continue
        except (RecursionError, ValueError) as error:  # the latter: a number of thousands of digits
            raise buffer.wrong("it is nested too deeply or holds too long a number") from error
        assert isinstance(found, dict)
        buffer.drop(end)
        return found
