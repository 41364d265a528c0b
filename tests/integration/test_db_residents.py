"""Preferences, consent, reports and notes, on both databases."""

import asyncio

from db.consents import ConsentState
from db.database import Database
from db.residents import Preferences
from db.secret import Secret
from tests.db_rows import ANNA, BORA


async def test_choices_are_remembered_apart_and_overwritten(database: Database) -> None:
    residents = database.residents
    assert await residents.get(ANNA) == Preferences(None, None)
    await residents.set_language(ANNA, "en")
    assert await residents.get(ANNA) == Preferences("en", None)
    await residents.set_region(ANNA, "kr")
    await residents.set_language(ANNA, "ko")
    assert await residents.get(ANNA) == Preferences("ko", "kr")
    assert await residents.get(BORA) == Preferences(None, None)


async def test_nothing_is_remembered_of_nobody(database: Database) -> None:
    await database.residents.set_language("", "en")
    assert await database.residents.get("") == Preferences()


async def test_choices_made_at_once_are_all_kept(database: Database) -> None:
    residents = database.residents
    await asyncio.gather(*(residents.set_language(ANNA, "en") for _ in range(5)), residents.set_region(ANNA, "kr"))
    assert await residents.get(ANNA) == Preferences("en", "kr")


async def test_consent_is_off_until_it_is_given_and_can_be_taken_back(database: Database) -> None:
    consents = database.consents
    assert (await consents.state(ANNA)).state is ConsentState.UNASKED
    assert await consents.asked(ANNA, "telegram", "1")
    assert (await consents.state(ANNA)).state is ConsentState.ASKED
    await consents.record(ANNA, "telegram", "1", given=True)
    given = await consents.state(ANNA)
    assert (given.state, given.version) == (ConsentState.GIVEN, "1")
    assert given.at is not None
    assert given.at.utcoffset() is not None
    await consents.record(ANNA, "telegram", "2", given=False)
    assert (await consents.state(ANNA)).state is ConsentState.REFUSED


async def test_the_history_of_consent_is_kept(database: Database) -> None:
    await database.consents.asked(ANNA, "telegram", "1")
    await database.consents.record(ANNA, "telegram", "1", given=True)
    await database.consents.record(ANNA, "telegram", "1", given=False)
    history = await database.consents.history(ANNA)
    assert [consent.state for consent in history] == ["asked", "given", "refused"]


async def test_of_twenty_who_want_to_ask_at_once_one_may(database: Database) -> None:
    answers = await asyncio.gather(*(database.consents.asked(ANNA, "telegram", "1") for _ in range(20)))
    assert sorted(answers) == [False] * 19 + [True]
    assert not await database.consents.asked(ANNA, "telegram", "2")
    assert await database.consents.asked(BORA, "discord", "1")


async def test_who_answered_unasked_is_not_asked(database: Database) -> None:
    await database.consents.record(ANNA, "telegram", "1", given=False)
    assert not await database.consents.asked(ANNA, "telegram", "1")


async def test_reports_are_for_the_operator_to_read(database: Database) -> None:
    first = await database.reports.add(ANNA, "telegram", "K7QF2M3X", "건전지는 종이가 아니에요")
    second = await database.reports.add(BORA, "discord", None, "thank you")
    reports = {report.id: report for report in await database.reports.all()}
    assert set(reports) == {first, second}
    assert (reports[first].text, reports[first].query_id) == ("건전지는 종이가 아니에요", "K7QF2M3X")
    assert (reports[second].text, reports[second].user_key) == ("thank you", BORA)


async def test_a_report_of_another_secret_is_listed_without_its_text(database: Database, database_url: str) -> None:
    await database.reports.add(ANNA, "telegram", None, "lost")
    other = await Database.open(database_url, Secret.from_text("quite another secret, which is also long enough"))
    try:
        assert [report.text for report in await other.reports.all()] == [None]
    finally:
        await other.close()


async def test_a_note_is_read_and_replaced(database: Database) -> None:
    assert await database.notes.get("discord commands") is None
    await database.notes.set("discord commands", "abc")
    await database.notes.set("discord commands", "def")
    assert await database.notes.get("discord commands") == "def"
