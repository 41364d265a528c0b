"""Plain text laid out for a terminal, where a Hangul syllable takes two columns."""

import unicodedata

WIDE = frozenset("WF")


def columns(text: str) -> int:
    """How many terminal columns a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in WIDE else 1 for character in text)


def wrap(text: str, width: int, first: str = "", rest: str = "") -> str:
    """A paragraph broken at spaces into lines of at most ``width`` columns.

    The first line starts with ``first``, the others with ``rest``. A word longer than a line gets its own.
    """
    lines: list[str] = []
    line, bare = first, True
    for word in text.split():
        separator = "" if bare else " "
        if not bare and columns(line + separator + word) > width:
            lines.append(line)
            line, separator = rest, ""
        line, bare = line + separator + word, False
    return "\n".join([*lines, line])
