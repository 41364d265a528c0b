"""While the database cannot be reached: what needs none of it is answered, the rest is admitted."""

from types import SimpleNamespace
from typing import NoReturn, cast

import pytest

from bots.actions import SayRight, SetLanguage, ShowGuide
from bots.conversation import Conversation
from bots.messages import load_messages
from bots.platforms import Platform
from bots.reply import CardKind
from bots.request import ButtonPressed, Command, CommandSent, PhotosSent, Request, Sender, TextSent
from db.database import Database
from db.errors import DatabaseUnavailable
from guides import load_guides
from guides.things import load_things
from inference.labels import Label
from tests.databases import SECRET
from tests.scripted_inference import ScriptedInference

SENDER = Sender(Platform.TELEGRAM, "1001", locale="en")


class Down:
    """A part of a database that fails whatever it is asked."""

    def __getattr__(self, name: str) -> object:
        async def fail(*_: object, **__: object) -> NoReturn:
            raise DatabaseUnavailable("the disk of /var/lib is full")

        return fail


def conversation() -> Conversation:
    parts = ("inbox", "queries", "residents", "consents", "feedback", "reports", "notes", "tombstones")
    down = Down()
    database = SimpleNamespace(secret=SECRET, forget=down.forget, my_data=down.my_data, **dict.fromkeys(parts, down))
    return Conversation(
        ScriptedInference(), load_guides(), load_messages(), things=load_things(), memory=cast(Database, database)
    )


@pytest.mark.parametrize(
    ("request_", "headline"),
    [
        (PhotosSent((b"photo",)), "Plastic"),
        (TextSent("paper"), "Paper"),
        (CommandSent(Command.GUIDE, "pizza box"), "Pizza box"),
        (ButtonPressed(ShowGuide(Label.SHOES)), "Shoes"),
        (CommandSent(Command.PRIVACY), "What happens to your data"),
    ],
)
async def test_what_is_only_logged_is_answered_all_the_same(request_: Request, headline: str) -> None:
    talk = conversation()
    reply = await talk.reply(request_, await talk.resident(SENDER))
    assert reply.cards[0].headline.casefold() == headline.casefold()
    assert reply.cards[0].receipt == "", "there is no query to refer to"


@pytest.mark.parametrize(
    "request_",
    [
        CommandSent(Command.MYDATA),
        CommandSent(Command.FORGET),
        CommandSent(Command.STATS),
        CommandSent(Command.REPORT, "wrong"),
        ButtonPressed(SayRight("K7QF2M3X")),
        ButtonPressed(SetLanguage("ko")),
    ],
)
async def test_what_cannot_be_done_is_not_claimed_and_nothing_of_the_machine_is_told(request_: Request) -> None:
    talk = conversation()
    reply = await talk.reply(request_, await talk.resident(SENDER))
    (card,) = reply.cards
    assert (card.kind, card.headline) == (CardKind.PROBLEM, "I could not answer that")
    assert "/var" not in card.detail
