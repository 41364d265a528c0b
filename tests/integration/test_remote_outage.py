"""While the inference host is down, residents get one clear sentence; when it is back, the photos are answered."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from bots.conversation import Conversation
from bots.discord.adapter import DiscordAdapter
from bots.messages import load_messages
from guides import load_guides
from guides.things import load_things
from inference.errors import InferenceUnavailable
from inference.labels import Label
from inference.remote.client import RemoteInference
from inference.remote.options import RemoteOptions
from inference.wire import ProblemCode
from tests.databases import until_finished
from tests.fake_discord import running
from tests.fake_discord.bot import OPTIONS, open_database
from tests.fake_discord.payloads import ALICE, DM_CHANNEL, attachment
from tests.fake_telegram.bot import running_bot
from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.updates import Person, Script
from tests.faulty_host import FaultyHost, classifies, refuses, silent
from tests.scripted_inference import verdict
from tests.web_site import cards, house, running_site, visiting

DOWN = "지금은 사진을 볼 수 없어요"
PROMISE = "다시 보내지 않아도 돼요"
ANSWER = "종이"


@asynccontextmanager
async def asking(*urls: URL, **chosen: Any) -> AsyncIterator[RemoteInference]:
    defaults: dict[str, Any] = {"timeout_s": 5.0, "connect_s": 2.0, "read_s": 0.3, "probe_s": 0.02, "rest_s": 60.0}
    inference = RemoteInference(RemoteOptions(hosts=urls, **(defaults | chosen)), rng=random.Random(7))
    try:
        yield inference
    finally:
        await inference.close()


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake
        assert fake.problems == [], "every request must be one that Telegram knows"


async def test_in_telegram_a_photo_is_answered_when_the_host_is_back(telegram: FakeTelegram, tmp_path: Path) -> None:
    telegram.files["a"] = b"photo"
    script, paper = Script(), classifies(verdict(Label.PAPER))
    async with FaultyHost(paper) as host, asking(host.url) as inference:
        port = host.port
        await host.die()
        async with running_bot(telegram, inference, tmp_path, postpone_s=0.05) as (_, database):
            telegram.feed(script.photo(Person(), "a"))
            await telegram.until(lambda: telegram.sent)
            assert DOWN in telegram.sent[0]["text"]
            assert PROMISE in telegram.sent[0]["text"]
            # What needs no host is answered meanwhile.
            telegram.feed(script.text(Person(), "종이"))
            await telegram.until(lambda: len(telegram.sent) >= 2)
            async with FaultyHost(paper, port=port):
                await telegram.until(lambda: any("reply_parameters" in each for each in telegram.sent))
                await until_finished(database)
            assert (await database.inbox.counts("telegram")).answered == 2
            (row,) = [row for row in (await database.my_data(_key(database))).queries if row.kind == "photo"]
            assert (row.label, row.problem) == ("paper", None), "a wait is not logged as a query of its own"
    (answer,) = [each for each in telegram.sent if "reply_parameters" in each]
    assert ANSWER in answer["text"], "it says which photo it is about"
    assert sum(DOWN in each["text"] for each in telegram.sent) == 1


def _key(database: Any) -> str:
    key: str = database.secret.user_key("telegram", str(Person().id))
    return key


async def test_in_telegram_a_photo_that_waited_is_answered_by_the_next_process(
    telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.files["a"] = b"photo"
    async with FaultyHost(classifies(verdict(Label.PAPER))) as host:
        port = host.port
        await host.die()
        async with asking(host.url) as inference, running_bot(telegram, inference, tmp_path, postpone_s=3600):
            telegram.feed(Script().photo(Person(), "a"))
            await telegram.until(lambda: telegram.sent)
        async with (
            FaultyHost(classifies(verdict(Label.PAPER)), port=port) as again,
            asking(again.url) as inference,
            running_bot(telegram, inference, tmp_path),
        ):
            await telegram.until(lambda: len(telegram.sent) == 2)
    assert ANSWER in telegram.sent[1]["text"]


async def test_in_discord_a_photo_is_answered_when_the_host_is_back(tmp_path: Path) -> None:
    async with running() as discord_, FaultyHost(refuses(ProblemCode.CLOSING)) as host, asking(host.url) as inference:
        database, messages, things = await open_database(tmp_path), load_messages(), load_things()
        talk = Conversation(inference, load_guides(), messages, things=things, memory=database)
        options = OPTIONS.__class__(token=OPTIONS.token, shards_above=None, postpone_s=0.05)
        adapter = DiscordAdapter(options, talk, messages, things, database)
        await adapter.start()
        await discord_.connected()
        try:
            url = discord_.put_file("photo.jpg", b"photo")
            await discord_.say(ALICE, DM_CHANNEL, attachments=[attachment(url, "photo.jpg", 5, "image/jpeg")])
            async with asyncio.timeout(20):
                while not discord_.messages_of_bunri():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                host.otherwise = classifies(verdict(Label.PAPER))
                while len(discord_.messages_of_bunri()) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        finally:
            await adapter.stop()
            await talk.close()
            await database.close()
        posted = [call.body for call in discord_.calls if call.path == f"/channels/{DM_CHANNEL}/messages"]
        assert DOWN in str(posted[0])
        assert PROMISE in str(posted[0])
        assert ANSWER in str(posted[1])
        assert len({each["nonce"] for each in posted}) == 2, "Discord drops a message whose nonce it has seen"
        assert "\n".join(discord_.violations) == ""


async def test_the_page_says_try_again_and_then_answers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with (
        FaultyHost(silent) as host,
        asking(host.url) as inference,
        house(tmp_path) as (database, _),
        running_site(inference, memory=database) as url,
        visiting(url) as visitor,
    ):
        (card,) = await cards(await visitor.send(b"photo"))
        assert card["headline"] == "I can’t look at photos right now"
        assert "try again" in str(card["detail"])
        host.otherwise = classifies(verdict(Label.PAPER))
        (card,) = await cards(await visitor.send(b"photo"))
        assert card["headline"] == "Paper"
    for got in host.got:
        assert f"request {got.headers['x-request-id']}" in caplog.text, "an operator can follow a photo to its host"
    assert "silent" in caplog.text


async def test_the_page_answers_while_two_of_three_hosts_fail(tmp_path: Path) -> None:
    async with (
        FaultyHost(silent) as one,
        FaultyHost(refuses(ProblemCode.UNAUTHORISED)) as other,
        FaultyHost(classifies(verdict(Label.PAPER))) as good,
        asking(one.url, other.url, good.url) as inference,
        running_site(inference) as url,
        visiting(url) as visitor,
    ):
        told = await cards(await visitor.send(*[b"photo"] * 6))
    assert [card["headline"] for card in told] == ["Paper"] * 6


async def test_a_wrong_token_is_the_operators_business(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        FaultyHost(refuses(ProblemCode.UNAUTHORISED)) as host,
        asking(host.url, token="some-other-token", failures=100) as inference,
        running_site(inference) as url,
        visiting(url) as visitor,
    ):
        for card in await cards(await visitor.send(*[b"photo"] * 5)):
            assert card["headline"] == "I can’t look at photos right now"
            assert "token" not in str(card["detail"])
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1, "once a minute at most"
    assert "BUNRI_INFERENCE__TOKEN" in errors[0]
    assert "some-other-token" not in caplog.text


async def test_a_process_that_stops_while_a_host_is_silent_ends() -> None:
    async with FaultyHost(silent) as host, asyncio.timeout(20):
        async with asking(host.url, read_s=3.0, timeout_s=3.0) as inference:
            call = asyncio.create_task(inference.classify(b"photo"))
            await host.until(lambda: bool(host.got))
        with pytest.raises(InferenceUnavailable):
            await call
