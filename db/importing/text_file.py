"""Text as people's programs save it: UTF-8 with or without a mark, or UTF-16 with one."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from db.importing.errors import ImportUnreadable

LARGEST: Final = 1_000_000_000
"""Bytes of a file: many times what 100,000 labels take in any of the formats."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@contextmanager
def opened(file: Path) -> Iterator[TextIO]:
    """The file as text, line ends as they are.

    Raises:
        ImportUnreadable: it is missing, empty, too large, or in another encoding.

    """
    try:
        if not file.is_file():
            raise ImportUnreadable(f"{file} is no file")
        size = file.stat().st_size
        if size > LARGEST:
            raise ImportUnreadable(f"{file} is too large: {size:,} bytes, and {LARGEST:,} are the most")
        with file.open("rb") as binary:
            start = binary.read(4)
        if not start:
            raise ImportUnreadable(f"{file} is empty")
        encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
        with file.open(encoding=encoding, newline="") as text:
            yield text
    except UnicodeError as error:
        raise ImportUnreadable(f"{file} is neither UTF-8 nor UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)") from error
    except OSError as error:
        raise ImportUnreadable(f"{file} cannot be read: {error.strerror}") from error
