"""How a reply of several parts reaches Telegram when some of them fail, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot
from telegram.error import NetworkError, RetryAfter

from bots.keeping import KeptPhoto
from bots.reply import Card, CardKind, Picture, Reply
from bots.telegram.aiohttp_request import AiohttpRequest
from bots.telegram.payload import Received, WordsAsked
from bots.telegram.sending import Delivery
from inference.labels import Label
from tests.fake_telegram.bot import running_bot, words
from tests.fake_telegram.server import FakeTelegram, Fault
from tests.fake_telegram.updates import Person, Script
from tests.scripted_inference import ScriptedInference, verdict

KO = words()[1].of("ko")
DOWN = Fault(502, "Bad Gateway")
REPLY = Reply((Card(CardKind.INFO, "the answer"), Card(CardKind.CONSENT, "the question")))
"""Two messages."""

ANSWER, QUESTION = "<b>the answer</b>", "<b>the question</b>"


class EmptyVault:
    """Keeps nothing: that there is a vault makes Bunri ask."""

    async def store(self, _: KeptPhoto, /) -> None:
        raise AssertionError("nobody agreed")

    async def delete_of(self, _: str, /) -> int:
        return 0

    async def count_of(self, _: str, /) -> int:
        return 0


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake
        assert fake.problems == [], "every request must be one that Telegram knows"


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    bot = Bot(telegram.token, telegram.base_url, telegram.base_file_url, request=AiohttpRequest(connections=2))
    async with bot:
        yield bot


@pytest.fixture
def delivery(bot: Bot) -> Delivery:
    return Delivery(bot, retry_s=0.001)


def asked(**more: Any) -> Received:
    values: dict[str, Any] = {"chat": 5, "message": 7, "user": 5, "is_private": True, "asked": WordsAsked(text="x")}
    return Received(**(values | more))


def texts_of(telegram: FakeTelegram) -> list[str]:
    return [each["text"] for each in telegram.sent]


@pytest.mark.parametrize("fault", [DOWN, Fault(reset=True), Fault(429, "Too Many Requests", {"retry_after": 1})])
async def test_each_part_is_tried_again_by_itself(telegram: FakeTelegram, delivery: Delivery, fault: Fault) -> None:
    telegram.faults["sendMessage"].append(fault)
    await delivery.deliver(asked(), REPLY, KO)
    assert texts_of(telegram) == [ANSWER, QUESTION]


async def test_a_first_part_that_fails_for_long_is_raised_with_nothing_sent(
    telegram: FakeTelegram, delivery: Delivery
) -> None:
    telegram.faults["sendMessage"].extend([DOWN] * 20)
    with pytest.raises(NetworkError):
        await delivery.deliver(asked(), REPLY, KO)
    assert telegram.sent == []
    assert len(telegram.of("sendMessage")) == 3


async def test_a_later_part_that_fails_for_long_is_logged_and_not_raised(
    telegram: FakeTelegram, delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.faults["sendMessage"].extend([None, *[DOWN] * 20])
    await delivery.deliver(asked(), REPLY, KO)
    assert texts_of(telegram) == [ANSWER]
    assert "part 2 of an answer was not sent: NetworkError" in caplog.text


async def test_a_wait_that_is_too_long_for_a_worker_is_left_to_the_next_attempt(
    telegram: FakeTelegram, delivery: Delivery
) -> None:
    telegram.faults["sendMessage"].append(Fault(429, "Too Many Requests", {"retry_after": 3600}))
    with pytest.raises(RetryAfter):
        await delivery.deliver(asked(), REPLY, KO)
    assert len(telegram.of("sendMessage")) == 1


async def test_a_part_that_telegram_refuses_does_not_take_the_next_one_with_it(
    telegram: FakeTelegram, delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.faults["sendMessage"].append(Fault(400, "Bad Request: message is too long"))
    await delivery.deliver(asked(), REPLY, KO)
    assert texts_of(telegram) == [QUESTION]
    assert "refused" in caplog.text


async def test_nothing_more_is_sent_to_who_blocked_the_bot(telegram: FakeTelegram, delivery: Delivery) -> None:
    telegram.faults["sendMessage"].append(Fault(403, "Forbidden: bot was blocked by the user"))
    await delivery.deliver(asked(), REPLY, KO)
    assert len(telegram.of("sendMessage")) == 1


async def test_all_parts_follow_a_group_to_its_new_home(telegram: FakeTelegram, delivery: Delivery) -> None:
    telegram.moved[-77] = -10077
    picture = Picture(b"\x89PNG", "paper-1.png", "made by AI")
    await delivery.deliver(asked(chat=-77, is_private=False), Reply(REPLY.cards, pictures=(picture, picture)), KO)
    assert texts_of(telegram) == [ANSWER, QUESTION]
    where = [each["chat_id"] for each in (*telegram.sent, *telegram.pictures)]
    assert where == [-10077] * 4
    calls = [call for call in telegram.calls if call.method.startswith("send")]
    assert len(calls) == 4, "the old home is asked once, and both pictures are one album"


async def test_a_picture_alone_follows_a_group_to_its_new_home(telegram: FakeTelegram, delivery: Delivery) -> None:
    telegram.moved[-77] = -10077
    picture = Picture(b"\x89PNG", "paper-1.png", "made by AI")
    await delivery.deliver(asked(chat=-77, is_private=False), Reply((), pictures=(picture,)), KO)
    assert [each["chat_id"] for each in telegram.pictures] == [-10077]
    assert "reply_parameters" not in telegram.pictures[0]


async def test_pictures_go_to_the_topic_and_the_question_with_a_caption_of_legal_length(
    telegram: FakeTelegram, delivery: Delivery
) -> None:
    picture = Picture(b"\x89PNG", "paper-1.png", "🙂" * 600)
    received = asked(chat=-10077, is_private=False, thread=9)
    await delivery.deliver(received, Reply((), pictures=(picture,)), KO)
    sent = telegram.pictures[0]
    assert sent["message_thread_id"] == 9
    assert sent["reply_parameters"]["message_id"] == 7
    assert len(sent["caption"].encode("utf-16-le")) // 2 <= 1024


async def test_a_question_that_fails_for_long_costs_no_second_look_and_no_second_answer(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    """The whole way: the first photo is answered, and asked may be kept; the asking fails."""
    telegram.any_file = b"photo"
    inference = ScriptedInference(otherwise=verdict(Label.PAPER))
    telegram.faults["sendMessage"].extend([None, *[DOWN] * 3])
    async with running_bot(telegram, inference, tmp_path, vault=EmptyVault()) as (_, database):
        telegram.feed(Script().photo(Person(), "a"))
        await telegram.until(lambda: len(telegram.of("sendMessage")) == 4)
        async with asyncio.timeout(20):
            while (await database.inbox.counts("telegram")).received:  # noqa: ASYNC110 - the database has no event
                await asyncio.sleep(0.01)
        assert (await database.inbox.counts("telegram")).answered == 1
    assert len(telegram.sent) == 1
    assert inference.seen == [b"photo"]
