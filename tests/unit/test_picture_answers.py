"""What is asked for with ``/generate``."""

import pytest

from bots.actions import Draw
from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.messages import load_messages
from bots.picture_answers import MOST
from bots.platforms import Platform
from bots.reply import CardKind
from bots.request import ButtonPressed, Command, CommandSent, Resident, TextSent
from guides import load_guides
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


@pytest.mark.parametrize("argument", ["", "rainbow", "7", "12 34", "x" * 500])
async def test_what_names_no_label_gets_all_of_them_to_choose_from(argument: str) -> None:
    inference = ScriptedInference(makes_pictures=True)
    reply = await talk(inference).reply(CommandSent(Command.GENERATE, argument), ANNA)
    assert inference.made == []
    assert len(reply.cards[0].buttons) == len(LABELS)


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


async def test_pictures_count_for_three_in_what_one_person_may_ask_for() -> None:
    inference = ScriptedInference(makes_pictures=True)
    options = ConversationOptions(per_user_per_minute=6, per_chat_per_minute=100)
    conversation = Conversation(inference, load_guides(), load_messages(), options=options)
    requests = CommandSent(Command.GENERATE, "paper"), ButtonPressed(Draw(Label.PAPER)), TextSent("paper")
    kinds = [(await conversation.reply(each, ANNA)).cards[0].kind for each in requests]
    assert kinds == [CardKind.PICTURES, CardKind.PICTURES, CardKind.PROBLEM]
