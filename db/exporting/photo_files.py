"""The files of photos in a folder that people worked in: copied, renamed, sorted into other folders."""

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from db.exporting.errors import ExportRefused

_ID: Final = re.compile(r"(?=([0-9a-f]{32}))")
"""Overlapping: digits may stand before an id as well."""


def files_of(folder: Path, ids: Collection[str]) -> list[tuple[Path, str]]:
    """Every file whose name holds one of these ids, with the id: ``<id> (1).jpg``, ``<ID>.JPG``, ``Copy of <id>.png``.

    Args:
        folder: it and all folders in it are looked through.
        ids: 32 hexadecimal digits each, lower case.

    Raises:
        ExportRefused: a folder in it is a link that leads out of it.
        OSError: a folder cannot be read.

    """
    found: list[tuple[Path, str]] = []
    top = folder.resolve()
    for root, folders, names in os.walk(folder, onerror=_raise):
        for name in folders:
            path = Path(root, name)
            if path.is_symlink() and not path.resolve().is_relative_to(top):
                raise ExportRefused(f"{path} is a link to another folder: put the folder itself in its place")
        for name in names:
            found += [(Path(root, name), each) for each in _ids_in(name) if each in ids][:1]
    return found


def _ids_in(name: str) -> Iterator[str]:
    return (each[1] for each in _ID.finditer(name.lower()))


def _raise(error: OSError) -> None:
    raise error
