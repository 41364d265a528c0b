"""What is noted in an export's folder while its tables are written anew: what may stand in each of them.

A table in which something else stands was written by somebody, before a refresh that was interrupted or after it.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from db.exporting.errors import ExportRefused

UNDER_WAY: Final = ".refreshing"
"""Stands in the folder while tables and manifest do not agree."""

Expected = Mapping[str, frozenset[str]]
"""Path -> the SHA-256 of everything that may be overwritten there."""


def noted(folder: Path) -> Expected:
    """What an interrupted refresh noted; nothing where there was none, or where the note is none of this version's."""
    try:
        found = json.loads((folder / UNDER_WAY).read_bytes())
        return {path: frozenset(map(str, digests)) for path, digests in found.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def note_of(expected: Expected) -> bytes:
    """As ``noted`` reads it."""
    return json.dumps({path: sorted(digests) for path, digests in expected.items()}).encode()


def standing(path: Path, may: Collection[str]) -> frozenset[str]:
    """The SHA-256 of what stands there, as a set; empty where nothing does.

    Args:
        path: of a table.
        may: SHA-256 of what may be overwritten there.

    Raises:
        ExportRefused: something else stands there.

    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return frozenset()
    if found not in may:
        raise ExportRefused(
            f"{path} was changed since it was exported: import it, if there are labels in it, then move "
            "it out of the folder; it is written anew without the photos that go"
        )
    return frozenset({found})
