"""Tracebacks that say where a program failed and not with what: an error's text may quote what a resident sent."""

import traceback
from types import TracebackType
from typing import Final

_OURS: Final = frozenset({"bots", "bunri", "db", "guides", "inference", "training"})
"""Packages whose errors carry only words of ours."""

_CAUSED: Final = "\nThe above exception was the direct cause of the following exception:\n\n"
_DURING: Final = "\nDuring handling of the above exception, another exception occurred:\n\n"


def traceback_without_quotes(error: BaseException) -> str:
    """The frames and the types of an error and of those behind it, oldest first, as Python shows them.

    Of errors of our own classes the text is there as well, and of system errors the system's words, such as
    "Permission denied"; of others there is none. Frames hold lines of the program, never values.
    """
    return _told(error, set()).rstrip("\n")


def summary(error: BaseException) -> str:
    """One line: the type and, where it cannot quote anybody, the text."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.partition(".")[0] in _OURS:
        return f"{name}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    return name


def _told(error: BaseException, seen: set[int]) -> str:
    seen.add(id(error))
    before = ""
    if error.__cause__ is not None and id(error.__cause__) not in seen:
        before = _told(error.__cause__, seen) + _CAUSED
    elif error.__context__ is not None and not error.__suppress_context__ and id(error.__context__) not in seen:
        before = _told(error.__context__, seen) + _DURING
    text = before + _frames(error.__traceback__) + summary(error) + "\n"
    if isinstance(error, BaseExceptionGroup):
        text += "".join(f"within it:\n{_told(each, seen)}" for each in error.exceptions if id(each) not in seen)
    return text


def _frames(found: TracebackType | None) -> str:
    return "Traceback (most recent call last):\n" + "".join(traceback.format_tb(found)) if found else ""
