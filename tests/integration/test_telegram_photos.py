"""Telegram, end to end over real sockets: photos, albums, files, and what goes wrong with them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inference.answer import Classification, Decision
from inference.decode import decode_image
from inference.errors import DecodeError, DecodeProblem, InferenceError
from inference.image_format import ImageFormat
from inference.labels import Label
from tests.broken_images import encode, photo
from tests.databases import SECRET, until_finished
from tests.fake_telegram.bot import running_bot
from tests.fake_telegram.server import FakeTelegram, Fault, buttons_of
from tests.fake_telegram.updates import Person, Script
from tests.scripted_inference import ScriptedInference, verdict

PAPER = verdict(Label.PAPER, 0.97)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake
        assert fake.problems == [], "every request must be one that Telegram knows"


@pytest.fixture
def script() -> Script:
    return Script()


async def test_a_photo_is_answered_with_its_class_its_bin_and_buttons(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.files["a"] = b"paper"
    async with running_bot(telegram, ScriptedInference({b"paper": PAPER}), tmp_path) as (_, database):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
        text = telegram.sent[0]["text"]
        assert "<b>종이</b>" in text
        assert "97%" in text
        assert "맞아요" in buttons_of(telegram.sent[0])
        await until_finished(database)
        assert (await database.inbox.counts("telegram")).answered == 1
    assert all(len(data.encode()) <= 64 for data in buttons_of(telegram.sent[0]).values())


async def test_the_largest_size_of_a_photo_is_fetched(telegram: FakeTelegram, script: Script, tmp_path: Path) -> None:
    inference = ScriptedInference()
    telegram.files |= {"a": b"large", "a-small": b"small"}
    async with running_bot(telegram, inference, tmp_path):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
    assert inference.seen == [b"large"]


async def test_an_album_gets_one_combined_answer_in_order(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.files |= {"a": b"paper", "b": b"metal", "c": b"shoes"}
    said = {b"paper": PAPER, b"metal": verdict(Label.METAL), b"shoes": verdict(Label.SHOES)}
    async with running_bot(telegram, ScriptedInference(said), tmp_path):
        for name in "abc":
            telegram.feed(script.photo(Person(), name, media_group_id="album-1"))
        await telegram.until(lambda: telegram.sent)
    assert len(telegram.sent) == 1
    text = telegram.sent[0]["text"]
    places = [text.index(f"{number}. {name}") for number, name in ((1, "종이"), (2, "캔·고철"), (3, "신발"))]
    assert places == sorted(places)


async def test_a_heic_document_is_answered_by_the_real_decoder(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    class Decoding(ScriptedInference):
        async def classify(self, image: bytes) -> Classification:
            assert decode_image(image).format is ImageFormat.HEIF
            return await super().classify(image)

    telegram.files["h"] = encode(photo(), ImageFormat.HEIF)
    async with running_bot(telegram, Decoding(otherwise=PAPER), tmp_path):
        telegram.feed(script.document(Person(), "h"))
        await telegram.until(lambda: telegram.sent)
    assert "종이" in telegram.sent[0]["text"]


async def test_a_bad_file_gets_kind_words_and_the_next_photo_an_answer(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.files |= {"bad": b"bad", "good": b"good"}
    broken = DecodeError(DecodeProblem.NOT_AN_IMAGE)
    async with running_bot(telegram, ScriptedInference({b"bad": broken}, otherwise=PAPER), tmp_path):
        telegram.feed(script.document(Person(), "bad", file_name="list.pdf"))
        await telegram.until(lambda: telegram.sent)
        assert "사진 파일이 아니에요" in telegram.sent[0]["text"]
        telegram.feed(script.photo(Person(), "good"))
        await telegram.until(lambda: len(telegram.sent) == 2)
    assert "종이" in telegram.sent[1]["text"]


async def test_a_file_over_20_mb_is_refused_before_it_is_asked_for(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    async with running_bot(telegram, ScriptedInference(), tmp_path):
        telegram.feed(script.document(Person(), "huge", size=20_000_001))
        await telegram.until(lambda: telegram.sent)
    assert "20 MB" in telegram.sent[0]["text"]
    assert telegram.of("getFile") == []


async def test_telegrams_own_word_that_a_file_is_too_big_is_passed_on(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.faults["getFile"].append(Fault(400, "Bad Request: file is too big"))
    async with running_bot(telegram, ScriptedInference(), tmp_path):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
    assert "20 MB" in telegram.sent[0]["text"]


async def test_a_download_that_breaks_in_the_middle_is_tried_again(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.files["a"] = b"x" * 200_000
    telegram.faults["file"].append(Fault(reset=True))
    inference = ScriptedInference(otherwise=PAPER)
    async with running_bot(telegram, inference, tmp_path):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
    assert inference.seen == [b"x" * 200_000], "half a photo is never looked at"
    assert len(telegram.sent) == 1


async def test_a_file_that_is_gone_is_said_to_be_so(telegram: FakeTelegram, script: Script, tmp_path: Path) -> None:
    telegram.faults["getFile"].append(Fault(400, "Bad Request: wrong file_id"))
    async with running_bot(telegram, ScriptedInference(), tmp_path) as (_, database):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
        assert "답하지 못했어요" in telegram.sent[0]["text"]
        assert (await database.inbox.counts("telegram")).received == 0


async def test_while_the_service_is_down_it_says_so_and_answers_once_it_is_back(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.any_file = b"photo"
    inference = ScriptedInference(otherwise=InferenceError("no backend"))
    async with running_bot(telegram, inference, tmp_path):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
        assert "지금은 사진을 볼 수 없어요" in telegram.sent[0]["text"]
        inference.otherwise = PAPER
        telegram.feed(script.photo(Person(), "b"))
        await telegram.until(lambda: len(telegram.sent) == 2)
    assert "종이" in telegram.sent[1]["text"]


async def test_a_doubtful_photo_is_asked_about_and_the_pick_is_kept(
    telegram: FakeTelegram, script: Script, tmp_path: Path
) -> None:
    telegram.any_file = b"photo"
    doubtful = verdict(Label.METAL, 0.5, decision=Decision.ASK, candidates=(Label.METAL, Label.PLASTIC))
    async with running_bot(telegram, ScriptedInference(otherwise=doubtful), tmp_path) as (_, database):
        telegram.feed(script.photo(Person(), "a"))
        await telegram.until(lambda: telegram.sent)
        buttons = buttons_of(telegram.sent[0])
        assert {"캔·고철", "플라스틱", "여러 가지예요", "잘 안 보여요"} <= set(buttons)
        telegram.feed(script.press(Person(), buttons["플라스틱"], telegram.sent[0]["message"]))
        await telegram.until(lambda: telegram.edited)
        assert "플라스틱" in telegram.edited[0]["text"]
        query = buttons["플라스틱"].split(":")[1]
        opinion = await database.feedback.of(query, SECRET.user_key("telegram", "1001"))
        assert opinion is not None
        assert (opinion.verdict, opinion.label) == ("wrong", "plastic")
