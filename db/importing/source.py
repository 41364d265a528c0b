"""Which of the formats a file is, by what is in it and not by its name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from db.importing.errors import ImportUnreadable
from db.importing.readers import cvat, folders, label_studio, table
from db.importing.text_file import opened
from db.importing.vote import Read

_ZIP: Final = b"PK"


def open_source(file: Path) -> tuple[str, Iterator[Read]]:
    """The format's name, and what is in the file, one by one.

    Raises:
        ImportUnreadable: now or while it is read: it is none that can be imported.

    """
    if file.is_dir():
        return folders.NAME, folders.read_folders(file)
    try:
        with file.open("rb") as binary:
            start = binary.read(len(_ZIP))
    except OSError as error:
        raise ImportUnreadable(f"{file} cannot be read: {error.strerror}") from error
    if start == _ZIP:
        return folders.NAME, folders.read_zip(file)
    with opened(file) as text:
        first = text.read(4096).lstrip()[:1]
    if first in {"[", "{"}:
        return label_studio.NAME, label_studio.read_label_studio(file)
    if first == "<":
        return cvat.NAME, cvat.read_cvat(file)
    return table.NAME, table.read_table(file)
