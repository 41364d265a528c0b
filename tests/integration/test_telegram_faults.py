"""Telegram, end to end over real sockets: what the network and Telegram do to a bot."""

import asyncio
import io
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bots.telegram.adapter import TelegramAdapter, TelegramRefused
from bots.telegram.webhook import SECRET_HEADER
from db.database import Database
from db.migrate import upgrade
from inference.labels import Label
from tests.databases import SECRET, until_finished
from tests.fake_telegram.bot import conversation_with, options_for, running_bot, words
from tests.fake_telegram.server import FakeTelegram, Fault
from tests.fake_telegram.updates import Person, Script
from tests.scripted_inference import ScriptedInference, verdict

PAPER = ScriptedInference(otherwise=verdict(Label.PAPER))


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        fake.any_file = b"photo"
        yield fake
        assert fake.problems == [], "every request must be one that Telegram knows"


@pytest.fixture
def script() -> Script:
    return Script()


async def test_an_update_that_comes_twice_is_answered_once(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    async with running_bot(telegram, PAPER, tmp_path):
        update = script.photo(Person(), "a")
        telegram.feed(update)
        await telegram.until(lambda: telegram.sent and not telegram.unconfirmed)
        telegram.feed(update, script.text(Person(), "/help"))
        await telegram.until(lambda: len(telegram.sent) == 2 and not telegram.unconfirmed)
    assert "종이" in telegram.sent[0]["text"]
    assert "/mydata" in telegram.sent[1]["text"]


async def test_updates_are_not_confirmed_before_they_are_durable(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    async with running_bot(telegram, PAPER, tmp_path) as (_, database):
        telegram.feed(script.photo(Person(), "a"))
        confirmed_before_stored = []
        while telegram.unconfirmed or not telegram.sent:
            stored = await database.inbox.counts("telegram")
            if not telegram.unconfirmed and not (stored.received or stored.answered):
                confirmed_before_stored.append(stored)
            await asyncio.sleep(0.001)
    assert confirmed_before_stored == []


async def test_a_429_is_waited_out_and_the_answer_sent_once(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.faults["sendMessage"].append(Fault(429, "Too Many Requests: retry after 1", {"retry_after": 1}))
    async with running_bot(telegram, PAPER, tmp_path):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
    assert len(telegram.sent) == 1
    first, second = (call.at for call in telegram.calls if call.method == "sendMessage")
    assert second - first >= 1


async def test_who_blocked_the_bot_is_not_tried_again_and_not_named(
    telegram: FakeTelegram, script: Script, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.faults["sendMessage"].append(Fault(403, "Forbidden: bot was blocked by the user"))
    async with running_bot(telegram, PAPER, tmp_path) as (_, database):
        telegram.feed(script.photo(Person(id=424242), "a"))
        await telegram.until(lambda: telegram.of("sendMessage"))
        await until_finished(database)
    assert len(telegram.of("sendMessage")) == 1
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("bots")]
    assert any("blocked" in line for line in ours)
    assert not any("424242" in line for line in ours)


async def test_a_group_that_moved_gets_its_answer_where_it_is_now(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    moved = Fault(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -100222})
    telegram.faults["sendMessage"].append(moved)
    async with running_bot(telegram, PAPER, tmp_path):
        telegram.feed(script.text(Person(), "/guide 종이", group=-111))
        await telegram.until(lambda: telegram.sent)
    assert telegram.sent[0]["chat_id"] == -100222


async def test_another_poller_is_told_in_one_sentence_and_waited_for(
    telegram: FakeTelegram, script: Script, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    conflict = Fault(409, "Conflict: terminated by other getUpdates request")
    telegram.faults["getUpdates"].extend([conflict] * 3)
    async with running_bot(telegram, PAPER, tmp_path):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
    told = [record for record in caplog.records if "another program fetches" in record.getMessage()]
    assert len(told) == 1


async def test_markup_that_telegram_cannot_read_goes_out_as_plain_text(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.faults["sendMessage"].append(Fault(400, "Bad Request: can't parse entities: unexpected end tag"))
    async with running_bot(telegram, PAPER, tmp_path):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
    assert "parse_mode" not in telegram.sent[0]
    assert "<b>" not in telegram.sent[0]["text"]


async def test_a_message_that_is_not_modified_or_gone_costs_nobody_an_answer(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    async with running_bot(telegram, PAPER, tmp_path):
        telegram.feed(script.text(Person(), "/lang"))
        await telegram.until(lambda: telegram.sent)
        telegram.faults["editMessageText"].append(Fault(400, "Bad Request: message is not modified: same content"))
        telegram.faults["answerCallbackQuery"].append(Fault(400, "Bad Request: query is too old"))
        telegram.feed(script.press(Person(), "lang:en", telegram.sent[0]["message"]))
        await telegram.until(lambda: telegram.of("editMessageText"))
        telegram.faults["editMessageText"].append(Fault(400, "Bad Request: message to edit not found"))
        telegram.feed(script.press(Person(), "lang:ko", telegram.sent[0]["message"]))
        await telegram.until(lambda: len(telegram.sent) == 2)
    assert "한국어로" in telegram.sent[1]["text"]


@pytest.mark.parametrize(("count", "method"), [(1, "sendPhoto"), (3, "sendMediaGroup")])
@pytest.mark.parametrize(
    "faults",
    [
        [Fault(400, "Bad Request: not enough rights to send photos to the chat")],
        [Fault(413, "Request Entity Too Large")] * 3,
    ],
    ids=["forbidden", "too large"],
)
async def test_pictures_that_telegram_will_not_have_are_said_to_be_missing(
    telegram: FakeTelegram, script: Script, tmp_path: Path, count: int, method: str, faults: list[Fault]
) -> None:
    telegram.faults[method].extend(faults)
    inference = ScriptedInference(makes_pictures=True)
    async with running_bot(telegram, inference, tmp_path):
        telegram.feed(script.text(Person(), f"/generate 종이 {count}"))
        await telegram.until(lambda: len(telegram.of("sendMessage")) >= 2 and not telegram.unconfirmed)
        telegram.feed(script.text(Person(), "/help"))
        await telegram.until(lambda: any("/mydata" in each.get("text", "") for each in telegram.sent))
    said = [each.get("text", "") for each in telegram.sent]
    assert sum("그림을 여기에 보내지 못했어요" in each for each in said) == 1
    assert len(inference.made) == 1, "they are not made a second time"


async def test_telegram_down_and_back_again_loses_nothing(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.faults["getUpdates"].extend([Fault(502, "Bad Gateway"), Fault(reset=True)])
    telegram.faults["sendMessage"].extend([Fault(500), Fault(reset=True)])
    async with running_bot(telegram, PAPER, tmp_path):
        telegram.feed(*(script.photo(Person(id=n), "a") for n in range(1, 6)))
        await telegram.until(lambda: len({each["chat_id"] for each in telegram.sent}) == 5)


async def test_a_slow_network_delays_answers_and_shows_that_bunri_is_at_it(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    inference = ScriptedInference(otherwise=verdict(Label.PAPER), gate=asyncio.Event())
    async with running_bot(telegram, inference, tmp_path):
        telegram.delay = 0.2
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.of("sendChatAction"))
        assert inference.gate is not None
        inference.gate.set()
        await telegram.until(lambda: telegram.sent)
        telegram.delay = 0
    assert len(telegram.sent) == 1


async def test_what_was_unfinished_when_the_bot_stopped_is_answered_by_the_next_one(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    stuck = ScriptedInference(gate=asyncio.Event())
    url = f"sqlite:///{tmp_path / 'bunri.sqlite3'}"
    await upgrade(url)
    database = await Database.open(url, SECRET)
    first = TelegramAdapter(options_for(telegram), conversation_with(stuck, database), words()[1], database)
    await first.start()
    telegram.feed(script.photo(Person(), "a"))
    await asyncio.wait_for(stuck.reached.wait(), 10)
    await first.stop(0.1)
    await database.close()
    assert telegram.sent == []
    async with running_bot(telegram, PAPER, tmp_path):
        await telegram.until(lambda: telegram.sent)
    assert "종이" in telegram.sent[0]["text"]


async def test_a_wrong_token_is_refused_in_one_sentence_without_the_token(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    with pytest.raises(TelegramRefused, match="@BotFather") as refused:
        async with running_bot(telegram, PAPER, tmp_path, token="123456789:wrong-wrong-wrong-wrong-wrong-wrong"):
            pass
    assert "wrong-wrong" not in str(refused.value)


async def test_the_commands_are_listed_in_each_language_once(telegram: FakeTelegram, tmp_path: Path) -> None:
    for _ in range(2):
        async with running_bot(telegram, PAPER, tmp_path):
            pass
    listed = telegram.of("setMyCommands")
    assert {each.get("language_code") for each in listed} == {None, "ko", "en"}
    assert len(listed) == 6, "a second start with the same commands sends nothing"
    korean = next(each for each in listed if each.get("language_code") == "ko")
    assert {"command": "guide", "description": "물건 버리는 방법 찾기"} in korean["commands"]


async def test_a_dead_poller_is_noticed(telegram: FakeTelegram, tmp_path: Path) -> None:
    async with running_bot(telegram, PAPER, tmp_path) as (adapter, _):
        now = time.monotonic()
        assert adapter.is_alive(now)
        assert not adapter.is_alive(now + 1_000), "no poll succeeded for a long time"
    assert not adapter.is_alive(time.monotonic())


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_webhook_takes_updates_with_the_right_secret_only(
    telegram: FakeTelegram, script: Script, tmp_path: Path, web: aiohttp.ClientSession
) -> None:
    hook: dict[str, Any] = {
        "webhook_url": "https://bunri.example/telegram/hook",
        "webhook_secret": "right-secret",
        "webhook_port": 0,
    }
    async with running_bot(telegram, PAPER, tmp_path, **hook) as (adapter, database):
        address = f"http://127.0.0.1:{adapter.webhook_port}/telegram/hook"
        assert telegram.webhook is not None
        assert telegram.webhook["secret_token"] == "right-secret"
        update = script.photo(Person(), "a")
        for headers in ({}, {SECRET_HEADER: "wrong-secret"}):
            async with web.post(address, json=update, headers=headers) as answer:
                assert answer.status == 403
        right = {SECRET_HEADER: "right-secret"}
        async with web.post(address, data=b"not json", headers=right) as answer:
            assert answer.status == 400
        async with web.post(address, data=io.BytesIO(b"x" * 1_100_000), headers=right) as answer:
            assert answer.status == 413
        assert telegram.sent == []
        for _ in range(2):
            async with web.post(address, json=update, headers=right) as answer:
                assert answer.status == 200
                counts = await database.inbox.counts("telegram")
                assert counts.received + counts.answered == 1, "it is durable before the 200"
        await telegram.until(lambda: telegram.sent)
        assert adapter.is_alive(time.monotonic())
    assert len(telegram.sent) == 1


async def test_a_webhook_address_that_telegram_will_not_have_stops_the_bot_in_one_sentence(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.faults["setWebhook"].append(Fault(400, "Bad Request: bad webhook: An HTTPS URL must be provided"))
    hook: dict[str, Any] = {"webhook_url": "http://bunri.example/hook", "webhook_secret": "s", "webhook_port": 0}
    with pytest.raises(TelegramRefused, match="Bad webhook"):
        async with running_bot(telegram, PAPER, tmp_path, **hook):
            pass


async def test_the_webhook_sends_telegram_away_while_too_much_is_unfinished(
    telegram: FakeTelegram, script: Script, tmp_path: Path, web: aiohttp.ClientSession
) -> None:
    gate = asyncio.Event()
    inference = ScriptedInference(otherwise=verdict(Label.PAPER), gate=gate)
    hook: dict[str, Any] = {
        "webhook_url": "https://bunri.example/hook",
        "webhook_secret": "s",
        "webhook_port": 0,
        "queue_limit": 1,
    }
    async with running_bot(telegram, inference, tmp_path, **hook) as (adapter, _):
        address = f"http://127.0.0.1:{adapter.webhook_port}/hook"
        statuses = []
        for person in (1, 2):
            update = script.photo(Person(id=person), "a")
            async with web.post(address, json=update, headers={SECRET_HEADER: "s"}) as answer:
                statuses.append(answer.status)
        assert statuses == [200, 503]
        gate.set()
        await telegram.until(lambda: telegram.sent)


async def test_too_many_photos_of_one_person_get_one_kind_word_and_then_silence(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    async with running_bot(telegram, PAPER, tmp_path, per_minute=2) as (_, database):
        telegram.feed(*(script.photo(Person(), "a") for _ in range(6)))
        await telegram.until(lambda: not telegram.unconfirmed and len(telegram.sent) >= 3)
        await until_finished(database)
    texts = [each["text"] for each in telegram.sent]
    assert len(texts) == 3
    assert sum("잠시 쉬었다" in text for text in texts) == 1
