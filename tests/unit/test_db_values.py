"""Addresses, ids, terms of retention and shares: the parts of ``db`` that need no database."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from bots.actions import SayRight, action_id, read_action
from db.address import read_address, shown
from db.errors import DatabaseUnavailable
from db.query_id import new_query_id
from db.retention import Retention
from db.statistics import Statistics


@pytest.mark.parametrize("url", ["sqlite:///data/bunri.sqlite3", "sqlite+aiosqlite:///data/bunri.sqlite3"])
def test_a_sqlite_file_is_read_from_either_spelling(url: str) -> None:
    assert read_address(url).database == "data/bunri.sqlite3"


@pytest.mark.parametrize("url", ["postgresql://bunri@db/bunri", "postgresql+psycopg://bunri@db/bunri"])
def test_postgresql_is_reached_through_psycopg(url: str) -> None:
    assert read_address(url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hunter2",
        "mysql://bunri:hunter2@host/bunri",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://bunri:hunter2@host:port/bunri",
    ],
)
def test_another_url_is_refused_with_an_example_and_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="sqlite:///") as refused:
        read_address(url)
    assert "hunter2" not in str(refused.value)


def test_an_address_is_shown_without_its_password() -> None:
    address = read_address("postgresql://bunri:hunter2@host/bunri?sslpassword=hunter2")
    assert shown(address) == "postgresql+psycopg://bunri:***@host/bunri"


def test_a_query_id_is_one_that_buttons_take() -> None:
    for _ in range(200):
        action = SayRight(new_query_id())
        assert read_action(action_id(action)) == action


@pytest.mark.parametrize("name", [field.name for field in fields(Retention)])
def test_nothing_is_kept_for_less_than_a_day(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Retention(**{name: 0})


def test_the_share_of_right_answers_is_of_those_judged() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    assert Statistics(since, queries=10, right=3, wrong=1, unclear=5).share_right == 0.75
    assert Statistics(since, queries=10, unclear=5).share_right is None
