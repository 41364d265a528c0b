"""Alembic, run on a connection of ours, without a settings file: the revisions in ``db/migrations``."""

from pathlib import Path
from typing import Any, Final

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection

from db.errors import DatabaseOutdated
from db.tables import METADATA

FOLDER: Final = Path(__file__).parent / "migrations"


def scripts() -> ScriptDirectory:
    """The revisions."""
    return ScriptDirectory.from_config(_config())


def upgrade_to_head(connection: Connection) -> None:
    """Every step that is missing, in this transaction."""
    revisions = scripts()

    def steps(now: Any, _context: MigrationContext) -> Any:
        return revisions._upgrade_revs("head", now)

    _run(connection, revisions, steps)


def downgrade_to(connection: Connection, target: str) -> None:
    """Every step back to this revision, in this transaction.

    Raises:
        DatabaseOutdated: there is no such revision.

    """
    revisions = scripts()

    def steps(now: Any, _context: MigrationContext) -> Any:
        return revisions._downgrade_revs(target, now)

    try:
        _run(connection, revisions, steps)
    except (CommandError, RevisionError) as error:
        raise DatabaseOutdated(f"the tables cannot be brought to revision {target}: {error}") from error


def _run(connection: Connection, revisions: ScriptDirectory, steps: Any) -> None:
    with EnvironmentContext(_config(), revisions, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=METADATA)
        environment.run_migrations()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
