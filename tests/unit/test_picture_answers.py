"""What is asked for with ``/generate``."""

import asyncio
from dataclasses import replace

import pytest

from bots.actions import Draw
from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.messages import load_messages
from bots.picture_request import MOST, SEEDS
from bots.platforms import Platform
from bots.reply import CardKind
from bots.request import ButtonPressed, Command, CommandSent, Resident, TextSent
from bots.request_cost import cost_of
from guides import load_guides
from inference import generation
from inference.answer import MadePicture
from inference.errors import GenerationUnavailable, InferenceClosed
from inference.labels import LABELS, Label
from tests.scripted_inference import ScriptedInference

ANNA = Resident("en", "kr", Platform.TELEGRAM, "anna", "anna")


def talk(inference: ScriptedInference) -> Conversation:
    return Conversation(inference, load_guides(), load_messages())


@pytest.mark.parametrize(
    ("argument", "label", "count", "seed"),
    [
        ("paper", Label.PAPER, 1, None),
        ("paper 3", Label.PAPER, 3, None),
        ("paper 3 77", Label.PAPER, 3, 77),
        ("paper 1 #77", Label.PAPER, 1, 77),
        ("brown-glass", Label.BROWN_GLASS, 1, None),
        ("clear glass 2", Label.WHITE_GLASS, 2, None),
        ("갈색 유리병", Label.BROWN_GLASS, 1, None),
        ("BATERY", Label.BATTERY, 1, None),
        ("cardbord 4", Label.CARDBOARD, 4, None),
        ("일반 쓰레기", Label.TRASH, 1, None),
        ("paper 0", Label.PAPER, 1, None),
        ("paper 99", Label.PAPER, MOST, None),
        ("종이 3장", Label.PAPER, 3, None),
        ("종이", Label.PAPER, 1, None),
        ("신팔", Label.SHOES, 1, None),
        ("풀라스틱", Label.PLASTIC, 1, None),
        ("paper ３", Label.PAPER, 3, None),
        ("paper 123456", Label.PAPER, 1, 123_456),
        ("paper #5", Label.PAPER, 1, 5),
        ("paper 1 9999999999", Label.PAPER, 1, 9_999_999_999 % 2**31),
    ],
)
async def test_a_label_a_number_and_a_seed_are_read(argument: str, label: Label, count: int, seed: int | None) -> None:
    inference = ScriptedInference(makes_pictures=True)
    reply = await talk(inference).reply(CommandSent(Command.GENERATE, argument), ANNA)
    [(made, number, used)] = inference.made
    assert (made, number) == (label, count)
    assert seed is None or used == seed
    assert reply.cards[0].kind is CardKind.PICTURES
    assert len(reply.pictures) == count
    assert all("AI-generated" in picture.caption for picture in reply.pictures)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "rainbow",
        "의자",
        "신문지 가방",
        "7",
        "12 34",
        "x" * 500,
        "🗑️",
        "\x00\u202e",
        "a" + " " * 4000 + "b",
        "paper " + "9" * 30,
    ],
)
async def test_what_names_no_label_gets_all_of_them_to_choose_from(argument: str) -> None:
    inference = ScriptedInference(makes_pictures=True)
    reply = await talk(inference).reply(CommandSent(Command.GENERATE, argument), ANNA)
    assert inference.made == []
    assert len(reply.cards[0].buttons) == len(LABELS)


@pytest.mark.parametrize("argument", ["paper -1", "paper 3 -7", "종이 1 #-1"])
async def test_a_number_below_zero_is_told_the_range_and_nothing_is_made(argument: str) -> None:
    inference = ScriptedInference(makes_pictures=True)
    (card,) = (await talk(inference).reply(CommandSent(Command.GENERATE, argument), ANNA)).cards
    assert inference.made == []
    assert all(bound in card.detail for bound in (str(MOST), str(SEEDS - 1)))
    assert [button.action for button in card.buttons] == [Draw(Label.PAPER)]


def test_seeds_have_the_range_of_those_that_make_pictures() -> None:
    assert SEEDS == generation.SEEDS
    assert MOST <= generation.MOST_AT_ONCE


async def test_one_person_has_two_requests_in_the_making_and_others_still_get_theirs() -> None:
    class Slow(ScriptedInference):
        async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
            await go_on.wait()
            return await super().generate(label, count, seed)

    go_on = asyncio.Event()
    inference = Slow(makes_pictures=True)
    options = ConversationOptions(per_user_per_minute=10_000)
    conversation = Conversation(inference, load_guides(), load_messages(), options=options)
    asked = CommandSent(Command.GENERATE, "paper")
    hers = [asyncio.create_task(conversation.reply(asked, ANNA)) for _ in range(100)]
    his = asyncio.create_task(conversation.reply(asked, replace(ANNA, user_key="bora", chat_key="bora")))
    await asyncio.sleep(0.01)
    go_on.set()
    kinds = [reply.cards[0].kind for reply in await asyncio.gather(*hers)]
    assert (kinds.count(CardKind.PICTURES), kinds.count(CardKind.INFO)) == (2, 98)
    assert (await his).cards[0].kind is CardKind.PICTURES
    assert (await conversation.reply(asked, ANNA)).cards[0].kind is CardKind.PICTURES, "her places are free again"


async def test_without_a_seed_each_request_gets_another() -> None:
    inference = ScriptedInference(makes_pictures=True)
    for _ in range(3):
        await talk(inference).reply(CommandSent(Command.GENERATE, "paper"), ANNA)
    assert len({seed for _, _, seed in inference.made}) == 3


async def test_a_generator_with_too_much_to_do_is_told_from_none_at_all() -> None:
    class Busy(ScriptedInference):
        async def generate(self, label: Label, count: int, seed: int) -> tuple[()]:
            raise GenerationUnavailable(is_busy=True)

    reply = await talk(Busy()).reply(CommandSent(Command.GENERATE, "paper"), ANNA)
    assert "waiting" in reply.cards[0].headline
    reply = await talk(ScriptedInference()).reply(CommandSent(Command.GENERATE, "paper"), ANNA)
    assert "at the moment" in reply.cards[0].headline


async def test_a_host_that_is_closing_is_said_kindly() -> None:
    class Closed(ScriptedInference):
        async def generate(self, label: Label, count: int, seed: int) -> tuple[()]:
            raise InferenceClosed("closed")

    reply = await talk(Closed()).reply(CommandSent(Command.GENERATE, "paper"), ANNA)
    assert "at the moment" in reply.cards[0].headline


async def test_many_pictures_count_for_more_than_one() -> None:
    costs = {
        argument: cost_of(CommandSent(Command.GENERATE, argument)) for argument in ("", "paper", "paper 4", "종이 99")
    }
    assert costs == {"": 1, "paper": 3, "paper 4": 4, "종이 99": 7}
    assert cost_of(ButtonPressed(Draw(Label.PAPER))) == 3
    assert cost_of(TextSent("paper 4")) == 1


async def test_who_asks_for_too_many_pictures_is_asked_to_wait_and_words_are_still_answered() -> None:
    inference = ScriptedInference(makes_pictures=True)
    options = ConversationOptions(per_user_per_minute=6, per_chat_per_minute=100)
    conversation = Conversation(inference, load_guides(), load_messages(), options=options)
    four, one = CommandSent(Command.GENERATE, "paper 4"), ButtonPressed(Draw(Label.PAPER))
    kinds = [(await conversation.reply(each, ANNA)).cards[0].kind for each in (four, one, TextSent("paper"))]
    assert kinds == [CardKind.PICTURES, CardKind.PROBLEM, CardKind.GUIDE]
