"""Telegram, end to end over real sockets: groups, where most of what is said is not for Bunri.

With privacy mode on, Telegram shows a bot in a group only commands, answers to the bot and the like; with it off, or
where the bot is an administrator, everything. What these tests feed is what Telegram would show.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bots.telegram import payload
from bots.telegram.payload import PhotoAsked, Received
from db.database import Database
from db.inbox import Arrival
from db.migrate import upgrade
from inference.labels import Label
from tests.databases import SECRET, until_finished
from tests.fake_telegram.bot import running_bot
from tests.fake_telegram.server import FakeTelegram, buttons_of
from tests.fake_telegram.updates import BOT_NAME, Person, Script, bot_user
from tests.scripted_inference import ScriptedInference, verdict

GROUP = -1001234
ANNA = Person(id=1001, first_name="Anna")
BORA = Person(id=2002, first_name="Bora", language="en")
SAID = {b"paper": verdict(Label.PAPER), b"metal": verdict(Label.METAL), b"shoes": verdict(Label.SHOES)}


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(sees_all=True) as fake:
        fake.files |= {"a": b"paper", "b": b"metal", "c": b"shoes"}
        yield fake
        assert fake.problems == [], "every request must be one that Telegram knows"


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def inference() -> ScriptedInference:
    return ScriptedInference(SAID)


@pytest.mark.parametrize("command", ["/classify", f"/classify@{BOT_NAME}", f"/CLASSIFY@{BOT_NAME.upper()} please"])
async def test_classify_in_reply_to_somebody_elses_photo_answers_the_one_who_asked(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path, command: str
) -> None:
    async with running_bot(telegram, inference, tmp_path):
        photo = script.photo(ANNA, "a", group=GROUP)["message"]
        asked = script.text(BORA, command, group=GROUP, reply_to_message=photo)
        telegram.feed(asked)
        await telegram.until(lambda: telegram.sent)
    answer = telegram.sent[0]
    assert "Paper" in answer["text"], "in the language of the one who asked"
    assert answer["chat_id"] == GROUP
    assert answer["reply_parameters"]["message_id"] == asked["message"]["message_id"]
    assert inference.seen == [b"paper"]


@pytest.mark.parametrize("caption", ["/classify", f"@{BOT_NAME} what is this?", f"What is this, @{BOT_NAME.upper()}?"])
async def test_a_photo_that_asks_for_bunri_is_answered(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path, caption: str
) -> None:
    async with running_bot(telegram, inference, tmp_path):
        photo = script.photo(ANNA, "a", group=GROUP, caption=caption)
        telegram.feed(photo)
        await telegram.until(lambda: telegram.sent)
    assert "종이" in telegram.sent[0]["text"]
    assert telegram.sent[0]["reply_parameters"]["message_id"] == photo["message"]["message_id"]


async def test_a_mention_in_reply_to_a_photo_asks_about_that_photo(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    async with running_bot(telegram, inference, tmp_path):
        photo = script.photo(BORA, "b", group=GROUP)["message"]
        telegram.feed(script.text(ANNA, f"@{BOT_NAME} 이건요?", group=GROUP, reply_to_message=photo))
        await telegram.until(lambda: telegram.sent)
    assert "캔·고철" in telegram.sent[0]["text"]


async def test_what_is_meant_for_nobody_or_for_another_bot_is_neither_fetched_nor_kept(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        photo = script.photo(ANNA, "a", group=GROUP)
        telegram.feed(
            photo,
            script.text(BORA, "/classify@another_bot", group=GROUP, reply_to_message=photo["message"]),
            script.text(BORA, f"@{BOT_NAME}2 look", group=GROUP, reply_to_message=photo["message"]),
            script.photo(BORA, "b", group=GROUP, caption="/classify@another_bot"),
            script.text(BORA, "종이", group=GROUP),
            script.text(BORA, "/guide@another_bot 종이", group=GROUP),
        )
        await _answered_help(telegram, script)
        assert await _entries(database) == 1, "the question for help alone"
    assert telegram.of("getFile") == []


@pytest.mark.parametrize(("sees_all", "answered"), [(True, 1), (False, 0)])
async def test_every_photo_is_answered_only_where_that_is_wished_and_telegram_shows_them(
    script: Script, inference: ScriptedInference, tmp_path: Path, sees_all: bool, answered: int
) -> None:
    """With privacy mode on a stray photo comes through all the same, as to an administrator: nobody asked for it."""
    async with FakeTelegram(sees_all=sees_all) as telegram:
        telegram.any_file = b"paper"
        async with running_bot(telegram, inference, tmp_path, group_photos=True):
            telegram.feed(
                script.photo(ANNA, "a", group=GROUP),
                script.photo(ANNA, "b", group=GROUP, caption="/classify@another_bot"),
            )
            await _answered_help(telegram, script)
        assert len(telegram.sent) - 1 == answered
        assert len(inference.seen) == answered


@pytest.mark.parametrize(("sees_all", "mode"), [(True, "off"), (False, "on")])
async def test_the_log_says_whether_privacy_mode_is_on(
    inference: ScriptedInference, tmp_path: Path, caplog: pytest.LogCaptureFixture, sees_all: bool, mode: str
) -> None:
    caplog.set_level(logging.INFO)
    async with FakeTelegram(sees_all=sees_all) as telegram, running_bot(telegram, inference, tmp_path):
        pass
    assert f"privacy mode in groups is {mode}" in caplog.text


async def test_classify_without_a_photo_says_how_to_ask(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    async with running_bot(telegram, inference, tmp_path):
        telegram.feed(script.text(ANNA, "/classify", group=GROUP))
        await telegram.until(lambda: telegram.sent)
    assert "사진에 답장으로 /classify" in telegram.sent[0]["text"]


async def test_answers_go_into_the_topic_of_the_question_and_presses_too(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    topic: dict[str, Any] = {"message_thread_id": 77, "is_topic_message": True}
    thread_without_topic: dict[str, Any] = {"message_thread_id": 55}
    async with running_bot(telegram, inference, tmp_path):
        telegram.feed(script.photo(ANNA, "a", group=GROUP, caption="/classify", **topic))
        await telegram.until(lambda: telegram.sent)
        telegram.feed(script.press(ANNA, buttons_of(telegram.sent[0])["맞아요"], telegram.sent[0]["message"]))
        await telegram.until(lambda: len(telegram.sent) == 2)
        telegram.feed(script.photo(ANNA, "a", group=GROUP, caption="/classify", **thread_without_topic))
        await telegram.until(lambda: len(telegram.sent) == 3)
    assert [each.get("message_thread_id") for each in telegram.sent] == [77, 77, None]


async def test_two_residents_of_one_group_share_neither_language_nor_opinion(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    chul = Person(id=3003, first_name="Chul")
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        telegram.feed(script.text(ANNA, "/lang en", group=GROUP))
        await telegram.until(lambda: telegram.sent)
        telegram.feed(script.photo(ANNA, "a", group=GROUP, caption="/classify"))
        await telegram.until(lambda: len(telegram.sent) == 2)
        telegram.feed(script.photo(chul, "a", group=GROUP, caption="/classify"))
        await telegram.until(lambda: len(telegram.sent) == 3)
        telegram.feed(script.press(ANNA, buttons_of(telegram.sent[2])["맞아요"], telegram.sent[2]["message"]))
        await telegram.until(lambda: len(telegram.sent) == 4)
        query = buttons_of(telegram.sent[2])["맞아요"].split(":")[1]
        assert await database.feedback.of(query, SECRET.user_key("telegram", "3003")) is None
        assert await database.feedback.of(query, SECRET.user_key("telegram", "1001")) is not None
    assert "Paper" in telegram.sent[1]["text"]
    assert "종이" in telegram.sent[2]["text"]
    assert "Thank you" in telegram.sent[3]["text"]


async def test_a_press_by_somebody_else_is_answered_to_them_and_leaves_the_message_as_it_is(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        telegram.feed(script.photo(ANNA, "a", group=GROUP, caption="/classify"))
        await telegram.until(lambda: telegram.sent)
        answer = telegram.sent[0]
        buttons = buttons_of(answer)
        query = buttons["맞아요"].split(":")[1]
        telegram.feed(script.press(BORA, f"fix:{query}:metal", answer["message"]))
        await telegram.until(lambda: len(telegram.sent) == 2)
        theirs = await database.feedback.of(query, SECRET.user_key("telegram", "2002"))
        assert theirs is not None
        assert (theirs.verdict, theirs.label) == ("wrong", "metal")
        assert await database.feedback.of(query, SECRET.user_key("telegram", "1001")) is None
    assert "Thank you" in telegram.sent[1]["text"], "in the language of the one who pressed"
    assert telegram.sent[1]["reply_parameters"]["message_id"] == answer["message"]["message_id"]
    assert telegram.edited == []
    assert len(telegram.of("answerCallbackQuery")) == 1


async def test_a_press_on_a_message_that_telegram_shows_no_more_is_answered(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    long_ago = {"chat": {"id": GROUP, "type": "supergroup", "title": "Neighbours"}, "message_id": 5, "date": 0}
    async with running_bot(telegram, inference, tmp_path):
        telegram.feed(script.press(ANNA, "guide:paper", long_ago))
        await telegram.until(lambda: telegram.sent)
    assert "종이" in telegram.sent[0]["text"]
    assert telegram.sent[0]["reply_parameters"]["message_id"] == 5


async def test_a_group_that_becomes_a_supergroup_during_the_answer_gets_it_there(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    inference = ScriptedInference(SAID, gate=asyncio.Event())
    assert inference.gate is not None
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        telegram.feed(script.photo(ANNA, "a", group=-1234, caption="/classify"))
        await asyncio.wait_for(inference.reached.wait(), 10)
        telegram.moved[-1234] = -1005678
        inference.gate.set()
        await telegram.until(lambda: telegram.sent)
        await until_finished(database)
    assert telegram.sent[0]["chat_id"] == -1005678
    assert "reply_parameters" not in telegram.sent[0], "numbers of messages mean others in the new group"
    assert inference.seen == [b"paper"], "looked at once"


async def test_an_album_that_asks_for_bunri_with_one_photo_is_answered_whole(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        album = script.album(ANNA, "a", "b", "c", captions={"b": "/classify"}, group=GROUP)
        telegram.feed(*album)
        await telegram.until(lambda: telegram.sent)
        await until_finished(database)
    assert len(telegram.sent) == 1
    text = telegram.sent[0]["text"]
    places = [text.index(f"{number}. {name}") for number, name in ((1, "종이"), (2, "캔·고철"), (3, "신발"))]
    assert places == sorted(places)
    assert telegram.sent[0]["reply_parameters"]["message_id"] == album[1]["message"]["message_id"]


async def test_of_an_album_with_the_question_at_a_video_the_photos_are_answered(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    video = {"file_id": "v", "file_unique_id": "u-v", "width": 1, "height": 1, "duration": 1}
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        asking = script.message(ANNA, group=GROUP, video=video, caption="/classify", media_group_id="album-1")
        telegram.feed(asking, *script.album(ANNA, "a", "b", group=GROUP))
        await telegram.until(lambda: telegram.sent)
        await until_finished(database)
    assert len(telegram.sent) == 1
    assert sorted(inference.seen) == [b"metal", b"paper"]


async def test_an_album_that_nobody_asks_about_is_forgotten_without_a_look(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        telegram.feed(
            *script.album(ANNA, "a", "b", captions={"a": "on holiday"}, group=GROUP),
            *script.album(ANNA, "a", "b", captions={"a": "/classify"}, group=GROUP),
        )
        await telegram.until(lambda: telegram.sent)
        await until_finished(database)
        assert (await database.inbox.counts("telegram")).answered == 4
    assert len(telegram.sent) == 1
    assert len(telegram.of("getFile")) == 2


@pytest.mark.parametrize(("is_meant", "apologies"), [(False, 0), (True, 1)])
async def test_only_an_album_that_asks_is_apologised_for(
    telegram: FakeTelegram, inference: ScriptedInference, tmp_path: Path, is_meant: bool, apologies: int
) -> None:
    """An entry that saw too many starts is given up; that of an album nobody asked about is so in silence."""
    parts = [
        Received(
            chat=GROUP,
            message=number,
            user=ANNA.id,
            is_private=False,
            album="album",
            is_meant=is_meant and number == 2,
            asked=PhotoAsked(file_id="a"),
        )
        for number in (1, 2)
    ]
    url = f"sqlite:///{tmp_path / 'bunri.sqlite3'}"
    await upgrade(url)
    database = await Database.open(url, SECRET)
    await database.inbox.receive([Arrival("telegram", str(part.message), payload.write(part)) for part in parts])
    for _ in range(8):
        await database.inbox.unfinished("telegram")
    await database.close()
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        await until_finished(database)
        assert (await database.inbox.counts("telegram")).failed == 2
    assert [each["reply_parameters"]["message_id"] for each in telegram.sent] == [2] * apologies
    assert inference.seen == []


async def test_photos_of_one_album_by_two_people_cannot_be_mixed(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    async with running_bot(telegram, inference, tmp_path) as (_, database):
        telegram.feed(
            script.photo(ANNA, "a", group=GROUP, media_group_id="one", caption="/classify"),
            script.photo(BORA, "b", group=GROUP, media_group_id="one"),
        )
        await telegram.until(lambda: telegram.sent)
        await until_finished(database)
    assert len(telegram.sent) == 1
    assert inference.seen == [b"paper"]


async def test_words_in_reply_to_bunri_are_searched_for(
    telegram: FakeTelegram, script: Script, inference: ScriptedInference, tmp_path: Path
) -> None:
    ours = {"message_id": 5, "date": 1, "chat": {"id": GROUP, "type": "supergroup"}, "from": bot_user(), "text": "?"}
    async with running_bot(telegram, inference, tmp_path):
        telegram.feed(script.text(ANNA, "종이", group=GROUP, reply_to_message=ours))
        await telegram.until(lambda: telegram.sent)
    assert "종이" in telegram.sent[0]["text"]


async def _answered_help(telegram: FakeTelegram, script: Script) -> None:
    """Everything that was fed before has been read once this question has its answer."""
    telegram.feed(script.text(Person(id=9009), "/help"))
    await telegram.until(lambda: any(each["chat_id"] == 9009 for each in telegram.sent))


async def _entries(database: Database) -> int:
    counts = await database.inbox.counts("telegram")
    return counts.received + counts.answered + counts.failed
