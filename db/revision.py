"""The revision of the tables: which one this version of Bunri needs, and which one a database has.

Without Alembic, which is only loaded where tables are to be made or changed: it costs nine megabytes and a moment.
"""

from typing import Final

from sqlalchemy import Connection, column, inspect, select, table

from db.errors import DatabaseOutdated

HEAD: Final = "0007"
"""Revisions are four digits, counted up. A test compares this with the files in ``db/migrations``."""

_VERSIONS: Final = table("alembic_version", column("version_num"))


def revision_in(connection: Connection) -> str | None:
    """The revision of the tables, read in this transaction; None where there are none."""
    if not inspect(connection).has_table(_VERSIONS.name):
        return None
    revision = connection.scalar(select(_VERSIONS.c.version_num))
    return None if revision is None else str(revision)


def is_newer(revision: str | None) -> bool:
    """Whether a later version of Bunri made the tables."""
    return revision is not None and revision > HEAD


def unlike_head(revision: str | None, name: str) -> DatabaseOutdated | None:
    """What to say of tables of this revision; None where they are right."""
    if revision == HEAD:
        return None
    if revision is None:
        return DatabaseOutdated(f"the database {name} has no tables yet: start Bunri with the right to make them")
    if is_newer(revision):
        return DatabaseOutdated(
            f"the database {name} was written by a newer version of Bunri (revision {revision}): "
            "install that version, or restore a backup"
        )
    return DatabaseOutdated(
        f"the database {name} is at revision {revision} and this version of Bunri needs {HEAD}: "
        "restart Bunri, which upgrades it"
    )
