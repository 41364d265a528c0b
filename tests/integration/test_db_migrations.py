"""Making, changing and checking the tables, on both databases."""

import asyncio
import logging
import re
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from db import migrate
from db.address import read_address
from db.alembic_run import scripts
from db.database import Database
from db.errors import DatabaseOutdated
from db.tables import METADATA
from tests.databases import SECRET
from tests.db_rows import query


def in_transaction(url: str, look: Any) -> Any:
    engine = create_engine(read_address(url))
    try:
        with engine.begin() as connection:
            return look(connection)
    finally:
        engine.dispose()


def table_names(url: str) -> set[str]:
    names: Sequence[str] = in_transaction(url, lambda connection: inspect(connection).get_table_names())
    return set(names) - {"sqlite_sequence"}


async def test_the_tables_are_made_from_nothing_dropped_and_made_again(database_url: str) -> None:
    assert await migrate.current(database_url) is None
    await migrate.upgrade(database_url)
    assert await migrate.current(database_url) == migrate.head()
    assert table_names(database_url) == {*METADATA.tables, "alembic_version"}

    await migrate.downgrade(database_url, "base")
    assert await migrate.current(database_url) is None
    assert table_names(database_url) == {"alembic_version"}

    await migrate.upgrade(database_url)
    assert await migrate.current(database_url) == migrate.head()


async def test_the_migrations_make_what_the_code_declares(database_url: str) -> None:
    await migrate.upgrade(database_url)

    def differences(connection: Connection) -> Any:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": METADATA}
        )
        return compare_metadata(context, METADATA)

    assert in_transaction(database_url, differences) == []


async def test_names_and_conditions_of_indexes_are_those_of_the_code(database_url: str) -> None:
    """Autogenerate does not compare the condition of a partial index."""
    await migrate.upgrade(database_url)

    def conditions(connection: Connection) -> dict[str, str]:
        option = f"{connection.dialect.name}_where"
        indexes = [index for table in METADATA.tables for index in inspect(connection).get_indexes(table)]
        return {
            str(index["name"]): re.sub(r"[()\s]|::text", "", str(index["dialect_options"][option]))
            for index in indexes
            if option in index.get("dialect_options", {})
        }

    assert in_transaction(database_url, conditions) == {
        "ix_inbox_unfinished": "state='received'",
        "ix_inbox_user_key": "user_key<>''",
        "ux_consents_asked": "state='asked'",
    }


async def test_upgrading_again_changes_nothing(database_url: str) -> None:
    await migrate.upgrade(database_url)
    database = await Database.open(database_url, SECRET)
    await database.notes.set("kept", "yes")
    await database.close()
    await migrate.upgrade(database_url)
    database = await Database.open(database_url, SECRET)
    try:
        assert await database.notes.get("kept") == "yes"
    finally:
        await database.close()


async def test_queries_that_were_logged_before_get_their_margin(database_url: str) -> None:
    await migrate.upgrade(database_url)
    answered, guide = query(probabilities={"paper": 0.75, "metal": 0.25}), query(kind="guide", probabilities={})
    database = await Database.open(database_url, SECRET)
    try:
        for each in (answered, guide):
            await database.queries.add(each)
    finally:
        await database.close()
    await migrate.downgrade(database_url, "0004")
    await migrate.upgrade(database_url)
    rows = in_transaction(
        database_url, lambda connection: connection.execute(text("SELECT id, margin FROM queries")).all()
    )
    assert {row.id: row.margin for row in rows} == {answered.id: 0.5, guide.id: None}


async def test_processes_that_upgrade_at_once_do_not_disturb_each_other(database_url: str) -> None:
    code = "import asyncio, sys; from db.migrate import upgrade; asyncio.run(upgrade(sys.argv[1]))"
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, database_url, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    ends = [(await process.communicate(), process.returncode) for process in started]
    assert [(output, code) for output, code in ends] == [((b"", b""), 0)] * 3
    assert await migrate.current(database_url) == migrate.head()


async def test_a_database_without_tables_is_refused_with_what_to_do(database_url: str) -> None:
    with pytest.raises(DatabaseOutdated, match="no tables yet"):
        await Database.open(database_url, SECRET)


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(database_url: str) -> None:
    await migrate.upgrade(database_url)
    in_transaction(
        database_url,
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")),
    )
    with pytest.raises(DatabaseOutdated, match="newer version of Bunri"):
        await Database.open(database_url, SECRET)
    with pytest.raises(DatabaseOutdated, match="newer version of Bunri"):
        await migrate.upgrade(database_url)
    assert await migrate.current(database_url) == "9999"


async def test_an_unknown_revision_cannot_be_gone_back_to(database_url: str) -> None:
    await migrate.upgrade(database_url)
    with pytest.raises(DatabaseOutdated, match="cannot be brought to revision nowhere"):
        await migrate.downgrade(database_url, "nowhere")
    assert await migrate.current(database_url) == migrate.head()


def test_the_revision_that_the_code_needs_is_the_newest_file() -> None:
    revisions = [script.revision for script in scripts().walk_revisions()]
    assert revisions[0] == migrate.head()
    assert all(re.fullmatch("[0-9]{4}", revision) for revision in revisions)
    assert revisions == sorted(revisions, reverse=True)


async def test_tables_of_this_version_are_found_so_without_alembic(sqlite_url: str) -> None:
    await migrate.upgrade(sqlite_url)
    code = (
        "import asyncio, sys; from db import migrate; asyncio.run(migrate.upgrade(sys.argv[1])); "
        "import db.database; print([name for name in sys.modules if name in ('alembic', 'psycopg')])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, sqlite_url, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output == b"[]\n"


async def test_upgrading_leaves_logging_as_it_is(sqlite_url: str) -> None:
    before = list(logging.getLogger().handlers)
    await migrate.upgrade(sqlite_url)
    assert logging.getLogger().handlers == before
