"""``bunri stats``, ``forget`` and ``purge`` against real databases of both kinds."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import click
import pytest
from click.testing import CliRunner, Result

from bunri.commands import forget, purge, stats
from db.database import Database
from db.migrate import upgrade
from db.secret import Secret
from tests.db_rows import query

T = TypeVar("T")

SECRET = "a secret that is long enough for the tests"
ANNA = Secret.from_text(SECRET).user_key("telegram", "1001")
BORA = Secret.from_text(SECRET).user_key("discord", "2002")


@pytest.fixture(autouse=True)
def _surroundings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUNRI_DATABASE__URL", database_url)
    monkeypatch.setenv("BUNRI_DATABASE__SECRET", SECRET)
    monkeypatch.setenv("BUNRI_VAULT__FOLDER", str(tmp_path / "vault"))


def in_database(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        await upgrade(url)
        database = await Database.open(url, Secret.from_text(SECRET))
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def called(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


async def _two_residents(database: Database) -> None:
    now = datetime.now(UTC)
    right = query(ANNA, now - timedelta(hours=1))
    for each in (right, query(ANNA, now - timedelta(days=400)), query(BORA, now, label="metal", platform="discord")):
        await database.queries.add(each)
    await database.feedback.say(right.id, ANNA, "right", None)
    await database.reports.add(ANNA, "telegram", None, "our street collects glass on Mondays")


def test_statistics_count_what_was_asked_in_the_time_wanted(database_url: str) -> None:
    in_database(database_url, _two_residents)
    done = called(stats.command)
    assert done.exit_code == 0, done.output
    assert "questions in the last 30 days: 2" in done.output
    assert "telegram 1" in done.output
    assert "metal 1" in done.output
    assert "our street" not in done.output
    everything = json.loads(called(stats.command, "--days", "3650", "--json").stdout)
    assert everything["queries"] == 3
    assert everything["share_right"] == 1.0
    assert "reports" not in everything


def test_reports_are_shown_when_they_are_wanted(database_url: str) -> None:
    in_database(database_url, _two_residents)
    assert "our street collects glass on Mondays" in called(stats.command, "--reports").output
    [report] = json.loads(called(stats.command, "--reports", "--json").stdout)["reports"]
    assert report["text"] == "our street collects glass on Mondays"
    assert "1001" not in json.dumps(report)


def test_statistics_of_nothing_are_no_error() -> None:
    done = called(stats.command)
    assert done.exit_code == 0, done.output
    assert "questions in the last 30 days: 0" in done.output


def test_forget_deletes_one_person_and_leaves_the_others(database_url: str) -> None:
    in_database(database_url, _two_residents)
    done = called(forget.command, "telegram:1001")
    assert done.exit_code == 0, done.output
    assert "deleted: " in done.output
    assert not done.output.startswith("deleted: 0 ")
    assert done.stderr == ""
    left = in_database(database_url, lambda database: database.my_data(ANNA))
    assert left.queries == ()
    assert len(in_database(database_url, lambda database: database.my_data(BORA)).queries) == 1
    again = called(forget.command, "telegram:1001")
    assert again.exit_code == 0, "somebody unknown is nothing to delete, and no error"
    assert again.stderr == "nothing is stored about telegram:1001: see whether the id is right\n"


@pytest.mark.parametrize("wrong", ["1001", "telegram:", "fax:1001", ""])
def test_forget_says_how_a_person_is_written(wrong: str) -> None:
    done = called(forget.command, wrong)
    assert done.exit_code == 2
    assert "telegram:ID" in done.output


def test_purge_deletes_what_is_older_than_the_settings_allow(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_database(database_url, _two_residents)
    done = called(purge.command)
    assert done.exit_code == 0, done.output
    assert json.loads(called(stats.command, "--days", "3650", "--json").stdout)["queries"] == 2
    monkeypatch.setenv("BUNRI_DATABASE__QUERIES_DAYS", "0")
    refused = called(purge.command)
    assert refused.exit_code == 1
    assert "BUNRI_DATABASE__QUERIES_DAYS" in refused.output
    assert refused.output.count("\n") == 1


@pytest.mark.parametrize("command", [stats.command, purge.command])
def test_a_database_that_cannot_be_reached_is_one_clear_line(
    command: click.Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no-folder").write_text("a file")
    monkeypatch.setenv("BUNRI_DATABASE__URL", f"sqlite:///{tmp_path / 'no-folder' / 'bunri.db'}")
    done = called(command)
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert done.output.count("\n") == 1
