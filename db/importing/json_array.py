"""A long JSON array, element by element: only one of them is in memory."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, TextIO

from db.importing.errors import ImportUnreadable

_CHUNK: Final = 1 << 18
_LARGEST_ELEMENT: Final = 1 << 23
"""Characters: thousands of annotations on one photo."""

_SPACES: Final = re.compile(r"[ \t\r\n]*")


class _Buffer:
    """What was read, from where on it is not used yet, and the number of the line of that place.

    What is used stays until the rest does not suffice: to cut it off behind each element would be to copy the rest
    each time, and a long rest has room for many short elements.
    """

    def __init__(self, file: TextIO, name: str) -> None:
        self._file = file
        self._name = name
        self.text = ""
        self.at = 0
        self.line = 1

    @property
    def unused(self) -> int:
        """Characters."""
        return len(self.text) - self.at

    def more(self) -> bool:
        """Read on, as much again as there is; False at the end of the file."""
        chunk = self._file.read(max(_CHUNK, self.unused))
        self.text, self.at = self.text[self.at :] + chunk, 0
        return bool(chunk)

    def use(self, count: int) -> None:
        """Go past so many characters."""
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count

    def next_character(self) -> str:
        """The next one that is no space, and go there; "" at the end."""
        while True:
            spaces = _SPACES.match(self.text, self.at)
            assert spaces is not None
            self.use(len(spaces[0]))
            if self.unused or not self.more():
                return self.text[self.at : self.at + 1]

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
    buffer.use(1)
    number = 0
    while (character := buffer.next_character()) != "]":
        if number:
            if character != ",":
                raise buffer.wrong("a comma or the end of the list is expected")
            buffer.use(1)
            character = buffer.next_character()
        if character != "{":
            raise buffer.wrong("an object, {...}, is expected")
        line = buffer.line
        yield number, line, _object(buffer)
        number += 1
    buffer.use(1)
    if buffer.next_character():
        raise buffer.wrong("nothing is expected behind the list")


def _object(buffer: _Buffer) -> dict[str, Any]:
    decoder = json.JSONDecoder()
    while True:
        try:
            found, end = decoder.raw_decode(buffer.text, buffer.at)
        except json.JSONDecodeError as error:
            if buffer.unused > _LARGEST_ELEMENT or not buffer.more():
                raise buffer.wrong(error.msg) from error
            continue
        except (RecursionError, ValueError) as error:  # the latter: a number of thousands of digits
            raise buffer.wrong("it is nested too deeply or holds too long a number") from error
        assert isinstance(found, dict)
        buffer.use(end - buffer.at)
        return found
