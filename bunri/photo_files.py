"""The photos a command was given: files, folders and standard input."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

STDIN: Final = "-"

_MAY_BE_PHOTOS: Final = (stat.S_IFREG, 0)


class FileProblem(StrEnum):
    """Why a file could not be read. The value is the stable code seen in JSON, beside ``DecodeProblem``."""

    NOT_FOUND = "not_found"
    UNREADABLE = "unreadable"


class FileError(Exception):
    """A file could not be read.

    Attributes:
        problem: the stable code.

    """

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def listed(names: Iterable[str]) -> Iterator[str]:
    """The names, each folder replaced by the files in it, sorted.

    Files that start with a dot are left out of a folder: systems put their own there. Folders inside a folder
    are not entered; pipes, sockets and devices in it are left out, since reading one may never end.
    """
    for name in names:
        if name == STDIN or not stat.S_ISDIR(_mode(Path(name))):
            yield name
            continue
        try:
            entries = sorted(Path(name).iterdir())
        except OSError:
            yield name  # reading it fails and says so on its line
            continue
        for entry in entries:
            if not entry.name.startswith(".") and stat.S_IFMT(_mode(entry)) in _MAY_BE_PHOTOS:
                yield str(entry)


def _mode(file: Path) -> int:
    """Of the file that a link leads to; 0 where there is no telling: reading it will say why."""
    try:
        return file.stat().st_mode
    except (OSError, ValueError):
        return 0


def read_capped(name: str, max_bytes: int) -> bytes:
    """The content of a file or of standard input, cut one byte after the cap.

    The byte too many lets the decoder refuse the file as too big without this process holding all of it.

    Raises:
        FileError: the file is missing or cannot be read.

    """
    try:
        if name == STDIN:
            return sys.stdin.buffer.read(max_bytes + 1)
        with Path(name).open("rb") as file:
            return file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise FileError(FileProblem.NOT_FOUND) from error
    except (OSError, ValueError) as error:
        raise FileError(FileProblem.UNREADABLE) from error


def shown(name: str) -> str:
    """A file name as text: what is not UTF-8 or not printable becomes a replacement character.

    A name can hold terminal control sequences; printing them would let a file talk to the terminal.
    """
    text = os.fsencode(name).decode("utf-8", errors="replace")
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
