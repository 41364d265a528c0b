"""Whether there is room for what Bunri writes."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bunri.check import Check, State
from bunri.settings import Settings
from db.address import is_sqlite, read_address
from db.errors import DatabaseError

COMFORTABLE: Final = 1_000_000_000
"""Bytes: some five million queries in the log."""

LEAST: Final = 100_000_000


def disk_checks(settings: Settings) -> Iterator[Check]:
    """Of the database's folder where it is a file, and of the vault's where photos are kept."""
    try:
        address = read_address(settings.database.url)
    except DatabaseError:
        address = None  # the database's own check says so
    if address is not None and is_sqlite(address) and address.database:
        yield disk_check("disk: database", Path(address.database).resolve().parent)
    if settings.vault.keep_photos and not settings.vault.url:
        yield disk_check("disk: photos", settings.vault.folder.resolve())


def disk_check(name: str, folder: Path, free: int | None = None) -> Check:
    """Of one folder, or of the nearest one above that exists; ``free`` bytes instead of asking the system."""
    nearest = next((each for each in (folder, *folder.parents) if each.is_dir()), Path("/"))
    if not os.access(nearest, os.W_OK):
        return Check(name, State.PROBLEM, f"{nearest} cannot be written", f"chown it to the user of Bunri: {nearest}")
    room = shutil.disk_usage(nearest).free if free is None else free
    found = f"{room / 1e9:.1f} GB free in {nearest}"
    if room < LEAST:
        return Check(name, State.PROBLEM, found, "make room: without it nothing can be received or logged")
    if room < COMFORTABLE:
        return Check(name, State.NOTE, found, "make room, or shorten BUNRI_DATABASE__QUERIES_DAYS")
    return Check(name, State.OK, found)
