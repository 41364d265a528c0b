"""The durable inbox, on both databases."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from bots.platforms import Platform
from db.database import Database
from db.inbox import UNSEALABLE, Arrival, InboxCounts
from db.secret import Secret
from tests.databases import SECRET

OTHER_SECRET = Secret.from_text("quite another secret, which is also long enough")


def arrival(update_id: str, payload: bytes = b"photo", platform: str = Platform.TELEGRAM) -> Arrival:
    return Arrival(platform, update_id, payload)


async def test_what_is_received_comes_back_in_order(database: Database) -> None:
    entries = await database.inbox.receive([arrival("9", b"first"), arrival("10", b"second"), arrival("8", b"third")])
    assert [entry.payload for entry in entries] == [b"first", b"second", b"third"]
    assert [entry.attempts for entry in entries] == [0, 0, 0]
    assert sorted(entry.id for entry in entries) == [entry.id for entry in entries]
    assert abs(entries[0].received_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_only_what_is_neither_answered_nor_failed_waits(database: Database) -> None:
    entries = await database.inbox.receive([arrival(str(number)) for number in range(3)])
    numbers = [entry.id for entry in entries]
    assert await database.inbox.waiting(numbers) == set(numbers)
    await database.inbox.answered(numbers[:1])
    await database.inbox.failed(numbers[1:2], "forgotten")
    assert await database.inbox.waiting([*numbers, 999_999]) == {numbers[2]}


async def test_receiving_nothing_gives_nothing(database: Database) -> None:
    assert await database.inbox.receive([]) == []
    await database.inbox.answered([])


async def test_a_duplicate_in_one_batch_is_dropped_and_the_first_counts(database: Database) -> None:
    entries = await database.inbox.receive([arrival("1", b"first"), arrival("2"), arrival("1", b"again")])
    assert [(entry.update_id, entry.payload) for entry in entries] == [("1", b"first"), ("2", b"photo")]


async def test_a_duplicate_in_a_later_batch_is_dropped_even_when_answered(database: Database) -> None:
    (entry,) = await database.inbox.receive([arrival("1")])
    assert await database.inbox.receive([arrival("1")]) == []
    await database.inbox.answered([entry.id])
    (new,) = await database.inbox.receive([arrival("1"), arrival("2")])
    assert new.update_id == "2"


async def test_platforms_number_their_updates_apart(database: Database) -> None:
    await database.inbox.receive([arrival("1")])
    assert len(await database.inbox.receive([arrival("1", platform="discord")])) == 1


async def test_twenty_who_receive_the_same_at_once_get_it_once(database: Database) -> None:
    updates = [arrival(str(number)) for number in range(30)]
    received = await asyncio.gather(*(database.inbox.receive(updates) for _ in range(20)))
    assert sorted(int(entry.update_id) for entries in received for entry in entries) == list(range(30))
    assert (await database.inbox.counts("telegram")).received == 30


async def test_a_big_batch_is_received_whole(database: Database) -> None:
    entries = await database.inbox.receive([arrival(str(number)) for number in range(1203)])
    assert [entry.update_id for entry in entries] == [str(number) for number in range(1203)]
    await database.inbox.answered([entry.id for entry in entries])
    assert (await database.inbox.counts("telegram")).answered == 1203


async def test_each_taking_up_again_is_counted(database: Database) -> None:
    received = await database.inbox.receive([arrival("1", b"first"), arrival("2", b"second")])
    again = await database.inbox.unfinished("telegram")
    assert [(entry.id, entry.payload, entry.attempts) for entry in again] == [
        (received[0].id, b"first", 1),
        (received[1].id, b"second", 1),
    ]
    assert again[0].received_at == received[0].received_at
    assert [entry.attempts for entry in await database.inbox.unfinished("telegram")] == [2, 2]
    assert await database.inbox.unfinished("discord") == []


async def test_what_is_finished_is_not_taken_up_again(database: Database) -> None:
    one, two, three = await database.inbox.receive([arrival("1"), arrival("2"), arrival("3")])
    await database.inbox.answered([one.id])
    await database.inbox.failed([two.id], "gone")
    assert [entry.id for entry in await database.inbox.unfinished("telegram")] == [three.id]
    assert await database.inbox.counts("telegram") == InboxCounts(1, 1, 1, three.received_at)


async def test_what_is_finished_stays_as_it_was_finished(database: Database) -> None:
    (entry,) = await database.inbox.receive([arrival("1")])
    await database.inbox.failed([entry.id], "gone")
    await database.inbox.answered([entry.id])
    assert await database.inbox.counts("telegram") == InboxCounts(failed=1)


async def test_an_unknown_platform_has_an_empty_inbox(database: Database) -> None:
    assert await database.inbox.counts("console") == InboxCounts()


async def test_what_another_secret_sealed_is_given_up_and_the_rest_goes_on(
    database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await database.inbox.receive([arrival("1"), arrival("2")])
    with caplog.at_level(logging.ERROR):
        other = await Database.open(database_url, OTHER_SECRET)
    try:
        assert not other.has_its_secret
        assert "another secret" in caplog.text
        await other.inbox.receive([arrival("3", b"sealed anew")])
        assert [entry.payload for entry in await other.inbox.unfinished("telegram")] == [b"sealed anew"]
        assert (await other.inbox.counts("telegram")).failed == 2
        assert UNSEALABLE == "unsealable"
        assert [entry.update_id for entry in await other.inbox.unfinished("telegram")] == ["3"]
    finally:
        await other.close()


async def test_the_same_secret_is_recognised(database: Database, database_url: str) -> None:
    assert database.has_its_secret
    again = await Database.open(database_url, SECRET)
    await again.close()
    assert again.has_its_secret
