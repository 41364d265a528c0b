"""What words are answered with: the guide of a label, a thing, or a question back."""

from functools import cache

import pytest

from bots.conversation import Conversation
from bots.messages import load_messages
from bots.platforms import Platform
from bots.reply import CardKind
from bots.request import Command, CommandSent, Resident, TextSent
from guides import Language, load_guides
from guides.things import load_things
from tests.scripted_inference import ScriptedInference


@cache
def _conversation() -> Conversation:
    return Conversation(ScriptedInference(), load_guides(), load_messages(), things=load_things())


def _resident(language: Language) -> Resident:
    return Resident(language, "kr", Platform.TELEGRAM, "anna", "anna")


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("종이", "ko"),
        ("신발", "ko"),
        ("건전지", "ko"),
        ("캔", "ko"),
        ("paper", "en"),
        ("Batteries", "en"),
        ("trash", "ko"),
    ],
)
async def test_a_labels_own_name_gets_its_guide(words: str, language: Language) -> None:
    reply = await _conversation().reply(TextSent(words), _resident(language))
    assert [card.kind for card in reply.cards] == [CardKind.GUIDE]


@pytest.mark.parametrize(
    ("words", "language", "named"),
    [
        ("우유팩", "ko", "우유팩"),
        ("보조배터리", "ko", "보조배터리"),
        ("부탄가스", "ko", "부탄가스"),
        ("power bank", "en", "Power bank"),
        ("프라이팬", "ko", "프라이팬"),
    ],
)
async def test_a_thing_goes_before_the_label_that_counts_it_among_its_names(
    words: str, language: Language, named: str
) -> None:
    talk, resident = _conversation(), _resident(language)
    for request in (TextSent(words), CommandSent(Command.GUIDE, words)):
        reply = await talk.reply(request, resident)
        assert reply.cards[0].kind is CardKind.THING
        assert named.casefold() in reply.cards[0].headline.casefold()


async def test_another_name_of_a_label_that_is_no_thing_gets_its_guide() -> None:
    reply = await _conversation().reply(TextSent("garbage"), _resident("en"))
    assert reply.cards[0].kind is CardKind.GUIDE
