"""Why somebody does what the audit keeps: it stands there for good, and in the terminals of those who read it."""

from typing import Final

SHORTEST: Final = 5
LONGEST: Final = 500


def tidy(reason: str) -> str | None:
    """The reason on one line, single spaces between its words; None where it is none.

    It has 5 to 500 characters, all of them printable: no control characters, and none that turn the direction of the
    text around or cannot be seen.
    """
    line = " ".join(reason.split())
    return line if SHORTEST <= len(line) <= LONGEST and line.isprintable() else None
