"""What holds wherever people talk with Bunri: one suite that every adapter passes."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bots.platforms import Platform
from bots.request import Command
from db.consents import ConsentState
from db.migrate import upgrade
from db.my_data import MyData
from inference.answer import Decision, Hazard
from inference.errors import DecodeError, DecodeProblem, InferenceError
from inference.fingerprint import fingerprint
from inference.labels import Label
from tests.contract.adapter import LIMIT, AdapterUnderTest, Home, Looking, Opener, opened_home
from tests.contract.console_adapter import console
from tests.contract.discord_adapter import discord
from tests.contract.telegram_adapter import telegram
from tests.contract.web_adapter import web
from tests.scripted_inference import made_picture, verdict


def jpeg(colour: str) -> bytes:
    """A photo that can be decoded, as what is kept is cleaned first."""
    written = BytesIO()
    Image.new("RGB", (64, 48), colour).save(written, "JPEG")
    return written.getvalue()


PAPER, METAL, SHOES, DOUBT, DANGER = map(jpeg, ("white", "grey", "brown", "yellow", "red"))
HEIC, BROKEN, TOO_BIG = b"a file of a phone", b"a shopping list", b"\xff" * (LIMIT + 1)

ADAPTERS: dict[Platform, Opener] = {
    Platform.CONSOLE: console,
    Platform.TELEGRAM: telegram,
    Platform.DISCORD: discord,
    Platform.WEB: web,
}


@dataclass(frozen=True, slots=True)
class Talk:
    """A resident, and what Bunri stands on."""

    platform: Platform
    me: AdapterUnderTest
    home: Home

    async def stored(self) -> MyData:
        return await self.home.data_of(self.platform, self.me)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with its tables, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "bunri.sqlite3"
    asyncio.run(upgrade(f"sqlite:///{file}"))
    return file


@pytest.fixture
def keeps_photos() -> bool:
    """Whether there is a vault, and residents are asked for consent."""
    return False


KEEPING = pytest.mark.parametrize("keeps_photos", [True], ids=["keeping"])


@pytest.fixture(params=ADAPTERS, ids=[platform.value for platform in ADAPTERS])
async def talk(
    request: pytest.FixtureRequest, keeps_photos: bool, migrated: Path, tmp_path: Path
) -> AsyncIterator[Talk]:
    """On each platform."""
    inference = Looking(
        {
            PAPER: verdict(Label.PAPER),
            METAL: verdict(Label.METAL),
            SHOES: verdict(Label.SHOES),
            HEIC: verdict(Label.PLASTIC),
            DOUBT: verdict(Label.PAPER, 0.4, decision=Decision.ASK, candidates=(Label.PAPER, Label.CARDBOARD)),
            DANGER: verdict(Label.METAL, hazards=(Hazard.BATTERY,)),
            BROKEN: DecodeError(DecodeProblem.NOT_AN_IMAGE),
        }
    )
    file = tmp_path / "bunri.sqlite3"
    shutil.copy(migrated, file)
    async with opened_home(tmp_path, f"sqlite:///{file}", inference, keeps_photos=keeps_photos) as home:
        opener: Callable[[Home], AbstractAsyncContextManager[AdapterUnderTest]] = ADAPTERS[request.param]
        async with opener(home) as me:
            yield Talk(request.param, me, home)


async def test_a_photo_is_answered_with_its_kind_its_bin_and_how_sure_that_is(talk: Talk) -> None:
    await talk.me.send_photo(PAPER)
    said = talk.me.heard()
    assert all(words in said for words in ("종이", "거의 확실해요", "버리는 곳"))
    assert "맞아요" in talk.me.buttons()


async def test_a_photo_sent_as_a_file_is_answered_as_well(talk: Talk) -> None:
    await talk.me.send_document(HEIC, "IMG_0001.HEIC")
    assert "플라스틱" in talk.me.heard()


async def test_each_photo_of_an_album_is_answered_in_order(talk: Talk) -> None:
    await talk.me.send_album([SHOES, PAPER, METAL])
    said = talk.me.heard()
    places = [said.index(name) for name in ("신발", "종이", "캔·고철")]
    assert places == sorted(places)
    assert len((await talk.stored()).queries) == 3


async def test_a_file_that_is_no_photo_gets_kind_words_and_the_next_photo_an_answer(talk: Talk) -> None:
    await talk.me.send_document(BROKEN, "list.pdf")
    assert "사진 파일이 아니에요" in talk.me.heard()
    await talk.me.send_photo(PAPER)
    assert "거의 확실해요" in talk.me.heard()


async def test_too_big_a_photo_is_told_the_limit_and_is_never_looked_at(talk: Talk) -> None:
    await talk.me.send_photo(TOO_BIG)
    said = talk.me.heard()
    assert "너무 커요" in said
    assert "1 MB" in said
    assert talk.home.inference.seen == []


async def test_while_photos_cannot_be_looked_at_that_is_said_and_afterwards_they_are(talk: Talk) -> None:
    talk.home.inference.otherwise = InferenceError("the model host is down")
    await talk.me.send_photo(jpeg("blue"))
    said = talk.me.heard()
    assert "지금은 사진을 볼 수 없어요" in said
    assert "host" not in said
    talk.home.inference.otherwise = verdict(Label.PLASTIC)
    await talk.me.send_photo(jpeg("blue"))
    assert "플라스틱" in talk.me.heard()


async def test_a_battery_is_warned_of_before_anything_else(talk: Talk) -> None:
    await talk.me.send_photo(DANGER)
    said = talk.me.heard()
    assert said.index("먼저 확인하세요") < said.index("캔·고철")


async def test_a_doubtful_photo_is_asked_about_and_the_pick_is_answered_and_kept(talk: Talk) -> None:
    await talk.me.send_photo(DOUBT)
    assert "무엇에 더 가까운가요" in talk.me.heard()
    await talk.me.press("종이 상자")
    assert "종이 상자" in talk.me.heard()
    (opinion,) = (await talk.stored()).feedback
    assert (opinion.verdict, opinion.label) == ("wrong", Label.CARDBOARD)


async def test_that_an_answer_was_right_is_thanked_for_and_kept(talk: Talk) -> None:
    await talk.me.send_photo(PAPER)
    talk.me.heard()
    await talk.me.press("맞아요")
    stored = await talk.stored()
    assert stored.queries[0].id in _said_after_thanks(talk)
    assert [opinion.verdict for opinion in stored.feedback] == ["right"]


async def test_a_wrong_answer_is_corrected_with_a_receipt_and_the_right_guide(talk: Talk) -> None:
    await talk.me.send_photo(PAPER)
    await talk.me.press("이게 아니에요")
    assert "어떤 물건인가요" in talk.me.heard()
    await talk.me.press("투명 유리병")
    stored = await talk.stored()
    said = _said_after_thanks(talk)
    assert stored.queries[0].id in said
    assert "투명 유리병" in said
    assert (stored.feedback[-1].verdict, stored.feedback[-1].label) == ("wrong", Label.WHITE_GLASS)


async def test_a_command_finds_a_thing_by_an_english_name(talk: Talk) -> None:
    await talk.me.send_text("/guide pizza box")
    said = talk.me.heard()
    assert "피자" in said
    assert "버리는 곳" in said


async def test_words_find_a_thing(talk: Talk) -> None:
    await talk.me.send_text("우유팩")
    said = talk.me.heard()
    assert "우유팩" in said
    assert "버리는 곳" in said


async def test_a_thing_that_nobody_knows_is_admitted_and_help_offered(talk: Talk) -> None:
    await talk.me.send_text("쀍쀍쀍")
    said = talk.me.heard()
    assert "찾지 못했어요" in said
    assert "/help" in said
    assert "쀍" not in repr((await talk.stored()).plain()), "words that were searched for are not kept"


@pytest.mark.parametrize("command", sorted(Command))
async def test_every_command_is_answered(talk: Talk, command: Command) -> None:
    await talk.me.send_text(f"/{command.value}")
    assert re.search("[가-힣]{2}", talk.me.heard())


async def test_an_unknown_command_is_answered_with_a_way_on(talk: Talk) -> None:
    await talk.me.send_text("/nonsense")
    assert "/help" in talk.me.heard()


async def test_the_language_is_changed_by_a_command_and_back_by_a_button(talk: Talk) -> None:
    await talk.me.send_text("/lang en")
    assert "From now on in English" in talk.me.heard()
    await talk.me.send_photo(PAPER)
    said = talk.me.heard()
    assert "Almost certain" in said
    assert "거의 확실해요" not in said
    assert "버리는 곳" not in said
    await talk.me.send_text("/lang")
    talk.me.heard()
    await talk.me.press("한국어")
    assert "이제 한국어로" in talk.me.heard()
    await talk.me.send_photo(PAPER)
    assert "거의 확실해요" in talk.me.heard()


async def test_the_place_is_changed_by_a_command_and_by_a_button(talk: Talk) -> None:
    await talk.me.send_text("/region intl")
    assert "기준으로 알려 드릴게요" in talk.me.heard()
    await talk.me.send_photo(PAPER)
    assert "사는 곳의 규칙" in talk.me.heard()
    await talk.me.send_text("/region")
    talk.me.heard()
    await talk.me.press("대한민국")
    assert "기준으로 알려 드릴게요" in talk.me.heard()
    await talk.me.send_photo(PAPER)
    assert "사는 곳의 규칙" not in talk.me.heard()


async def test_what_is_stored_is_told(talk: Talk) -> None:
    await talk.me.send_photo(PAPER)
    await talk.me.press("맞아요")
    talk.me.heard()
    await talk.me.send_text("/mydata")
    said = talk.me.heard()
    assert "질문과 답: 1건" in said
    assert "의견: 1건" in said


async def test_forgetting_is_confirmed_leaves_nothing_and_says_so(talk: Talk) -> None:
    await talk.me.send_photo(PAPER)
    await talk.me.press("맞아요")
    await talk.me.send_text("/region intl")
    await talk.me.send_text("/report 안내가 이상해요")
    talk.me.heard()
    await talk.me.send_text("/forget")
    assert "모두 지울까요" in talk.me.heard()
    assert (await talk.stored()).queries, "nothing goes before it is confirmed"
    await talk.me.press("모두 지워 주세요")
    assert "모두 지웠어요" in talk.me.heard()
    stored = await talk.stored()
    assert (stored.queries, stored.feedback, stored.reports, stored.consents) == ((), (), (), ())
    assert (stored.unfinished, stored.photos, stored.preferences.region) == (0, 0, None)


async def test_a_second_thought_about_forgetting_keeps_everything(talk: Talk) -> None:
    await talk.me.send_photo(PAPER)
    await talk.me.send_text("/forget")
    await talk.me.press("그대로 둘게요")
    assert "그대로 두었어요" in talk.me.heard()
    assert (await talk.stored()).queries


@KEEPING
async def test_consent_is_asked_for_once_and_photos_are_kept_only_after_a_yes(talk: Talk) -> None:
    if talk.platform is Platform.CONSOLE:
        pytest.skip("photos from the operator's own terminal are never kept, so nobody is asked there")
    await talk.me.send_photo(PAPER)
    assert "보내는 사진을 보관해도 될까요" in talk.me.heard()
    await talk.me.send_photo(METAL)
    assert "보내는 사진을 보관해도 될까요" not in talk.me.heard()
    assert await _kept(talk) == 0
    await talk.me.press("동의해요")
    assert "보관할게요" in talk.me.heard()
    assert (await talk.stored()).consents[-1].state is ConsentState.GIVEN
    await talk.me.send_photo(SHOES)
    assert await _kept(talk) == 1
    await talk.me.send_text("/consent")
    await talk.me.press("동의하지 않아요")
    assert await _kept(talk) == 0
    assert "1장을 지웠어요" in talk.me.heard()


@KEEPING
async def test_after_a_no_no_photo_is_kept(talk: Talk) -> None:
    if talk.platform is Platform.CONSOLE:
        pytest.skip("photos from the operator's own terminal are never kept, so nobody is asked there")
    await talk.me.send_photo(PAPER)
    await talk.me.press("동의하지 않아요")
    await talk.me.send_photo(METAL)
    assert await _kept(talk) == 0


@KEEPING
@pytest.mark.parametrize("talk", [Platform.CONSOLE], indirect=True)
async def test_in_the_operators_terminal_nobody_is_asked_and_nothing_is_kept(talk: Talk) -> None:
    await talk.me.send_photo(PAPER)
    assert "써도 될까요" not in talk.me.heard()
    assert await _kept(talk) == 0


@KEEPING
async def test_forgetting_deletes_kept_photos_from_the_disk(talk: Talk) -> None:
    if talk.platform is Platform.CONSOLE:
        pytest.skip("photos from the operator's own terminal are never kept")
    await talk.me.send_photo(PAPER)
    await talk.me.press("동의해요")
    await talk.me.send_photo(SHOES)
    assert await _kept(talk) == 1
    await talk.me.send_text("/forget")
    await talk.me.press("모두 지워 주세요")
    assert "사진 1장" in talk.me.heard()
    assert await _kept(talk) == 0


def _said_after_thanks(talk: Talk) -> str:
    _, thanks, rest = talk.me.heard().partition("고마워요")
    assert thanks
    return rest


async def _kept(talk: Talk) -> int:
    """Photos in the vault, which is to agree with the files on the disk."""
    await talk.home.conversation.close()
    files = [each for each in (talk.home.folder / "vault").rglob("*") if each.is_file()]
    assert len(files) == (await talk.stored()).photos
    return len(files)


async def test_pictures_are_made_on_demand_and_each_says_that_ai_made_it(talk: Talk) -> None:
    talk.home.inference.makes_pictures = True
    await talk.me.send_text("/generate 종이 3 7")
    assert "AI가 그린 그림: 종이" in talk.me.heard()
    assert talk.me.captions() == [f"AI 생성 그림: 종이 (번호 {seed})" for seed in (7, 8, 9)]
    await talk.me.press("하나 더")
    assert len(talk.me.captions()) == 4
    assert [(label, count) for label, count, _ in talk.home.inference.made] == [(Label.PAPER, 3), (Label.PAPER, 1)]


async def test_a_misspelt_kind_is_understood_and_an_unknown_one_offered_as_a_choice(talk: Talk) -> None:
    talk.home.inference.makes_pictures = True
    await talk.me.send_text("/generate platsic")
    assert talk.home.inference.made[0][0] is Label.PLASTIC
    await talk.me.send_text("/generate 무지개")
    assert "무엇을 그릴까요?" in talk.me.heard()
    await talk.me.press("신발")
    assert talk.home.inference.made[1][0] is Label.SHOES
    assert len(talk.me.captions()) == 2


@pytest.mark.parametrize("typed", ["종이", "paper", "Paper", "papr", "종히"])
async def test_a_kind_is_named_in_either_language_with_slips_as_well(talk: Talk, typed: str) -> None:
    talk.home.inference.makes_pictures = True
    await talk.me.send_text(f"/generate {typed} 1 5")
    assert talk.me.captions() == ["AI 생성 그림: 종이 (번호 5)"]


async def test_an_unknown_kind_is_answered_with_all_of_them_as_words_and_as_buttons(talk: Talk) -> None:
    talk.home.inference.makes_pictures = True
    await talk.me.send_text("/generate 무지개")
    said, buttons = talk.me.heard(), talk.me.buttons()
    names = [talk.home.messages.of("ko")(f"label-{label.value}") for label in Label]
    assert all(name in said for name in names)
    assert all(any(name in button for button in buttons) for name in names)
    assert talk.me.captions() == []


async def test_the_caption_says_ai_in_the_readers_language(talk: Talk) -> None:
    talk.home.inference.makes_pictures = True
    await talk.me.send_text("/lang en")
    await talk.me.send_text("/generate 종이 1 5")
    assert talk.me.captions() == ["AI-generated picture: Paper (number 5)"]


async def test_a_number_below_zero_is_explained(talk: Talk) -> None:
    talk.home.inference.makes_pictures = True
    await talk.me.send_text("/generate 종이 -3")
    assert "숫자가 너무 작아요" in talk.me.heard()
    assert talk.home.inference.made == []


@KEEPING
async def test_a_picture_of_ours_that_comes_back_is_recognised_and_never_kept(talk: Talk) -> None:
    talk.home.inference.makes_pictures = True
    await talk.me.send_text("/generate 종이 1 5")
    made = made_picture(Label.PAPER, 5)
    # As a messenger passes it on: smaller, a JPEG, without its metadata.
    sent = BytesIO()
    Image.open(BytesIO(made.png)).convert("RGB").resize((320, 320)).save(sent, "JPEG", quality=70)
    seen = fingerprint(np.asarray(Image.open(BytesIO(sent.getvalue())).convert("RGB")))
    talk.home.inference.otherwise = replace(verdict(Label.PAPER), fingerprint=seen)
    if talk.platform is not Platform.CONSOLE:
        await talk.me.send_photo(PAPER)
        await talk.me.press("동의해요")
    talk.me.heard()
    for photo in (sent.getvalue(), made.png):
        await talk.me.send_photo(photo)
        assert "제가 AI로 그린 그림이에요" in talk.me.heard()
    assert await _kept(talk) == 0


async def test_where_no_pictures_can_be_made_that_is_said_and_the_guide_offered(talk: Talk) -> None:
    await talk.me.send_text("/generate paper")
    assert "지금은 그림을 만들 수 없어요" in talk.me.heard()
    assert talk.me.captions() == []
