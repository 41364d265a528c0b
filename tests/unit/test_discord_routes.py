"""Who sees an answer in Discord, what the inbox keeps of a request, and which intents are asked for."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from bots.discord import payload
from bots.discord.client import Connection, intents_of
from bots.discord.options import DiscordOptions
from bots.discord.payload import (
    Asked,
    CommandAsked,
    InteractionReceived,
    MessageReceived,
    PhotoReference,
    PhotosAsked,
    PressAsked,
    WordsAsked,
)
from bots.discord.sending import Route, route
from bots.reply import Card, CardKind, Place, Reply
from bots.request import Command

CARD = Card(CardKind.INFO, "words")
COMMAND = CommandAsked(command=Command.LABELS)
OWN_PRESS = PressAsked(action="labels", is_for_presser=True)
OTHERS_PRESS = PressAsked(action="labels", is_for_presser=False)


def interaction(asked: Asked, *, ephemeral: bool = False, direct: bool = False) -> InteractionReceived:
    return InteractionReceived(
        id=1,
        application=2,
        token="secret-token",
        channel=3,
        guild=None if direct else 4,
        user=5,
        locale="ko",
        is_direct=direct,
        is_ephemeral=ephemeral,
        asked=asked,
    )


@pytest.mark.parametrize(
    ("received", "place", "is_private", "expected"),
    [
        (interaction(COMMAND), Place.NEW, False, Route(replaces=True, is_hidden=False)),
        (interaction(COMMAND), Place.NEW, True, Route(replaces=False, is_hidden=True, takes_back=True)),
        (interaction(COMMAND, ephemeral=True), Place.NEW, True, Route(replaces=True, is_hidden=True)),
        (interaction(COMMAND, ephemeral=True), Place.NEW, False, Route(replaces=True, is_hidden=True)),
        (interaction(COMMAND, direct=True), Place.NEW, True, Route(replaces=True, is_hidden=False)),
        (interaction(OWN_PRESS), Place.EDIT, False, Route(replaces=True, is_hidden=False)),
        (interaction(OWN_PRESS), Place.KEEP_BUTTONS, False, Route(replaces=False, is_hidden=False)),
        (interaction(OWN_PRESS), Place.EDIT, True, Route(replaces=False, is_hidden=True)),
        (interaction(OTHERS_PRESS), Place.EDIT, False, Route(replaces=False, is_hidden=True)),
        (interaction(OTHERS_PRESS, direct=True), Place.EDIT, True, Route(replaces=True, is_hidden=False)),
        (interaction(OWN_PRESS, ephemeral=True), Place.EDIT, True, Route(replaces=True, is_hidden=True)),
        (interaction(OWN_PRESS, ephemeral=True), Place.NEW, False, Route(replaces=False, is_hidden=True)),
    ],
)
def test_an_answer_is_seen_by_those_it_is_for(
    received: InteractionReceived, place: Place, is_private: bool, expected: Route
) -> None:
    assert route(received, Reply((CARD,), place, is_private=is_private)) == expected


@pytest.mark.parametrize(
    "asked",
    [
        COMMAND,
        OTHERS_PRESS,
        WordsAsked(text="우유팩"),
        PhotosAsked(photos=(PhotoReference(id=2**63, url="https://example.org/x", size=5),), message=7),
    ],
)
def test_what_the_inbox_keeps_comes_back_the_same(asked: Asked) -> None:
    message = MessageReceived(id=1, channel=2, guild=None, user=3, locale=None, asked=asked)
    for received in (message, interaction(asked)):
        assert payload.read(payload.write(received)) == received


def test_bytes_of_another_version_are_refused() -> None:
    with pytest.raises(ValidationError):
        payload.read(b'{"source": "carrier pigeon"}')


def test_the_token_of_an_interaction_is_not_shown() -> None:
    assert "secret-token" not in repr(interaction(COMMAND))
    assert "secret-token" not in repr(DiscordOptions(token="secret-token"))


def test_an_interaction_is_answerable_for_almost_fifteen_minutes() -> None:
    received = interaction(COMMAND)
    now = datetime.now(UTC)
    assert received.is_answerable(now + timedelta(minutes=14))
    assert not received.is_answerable(now + timedelta(minutes=15))


@pytest.mark.parametrize("wanted", [True, False])
def test_the_privileged_intent_is_asked_for_by_setting_alone(wanted: bool) -> None:
    intents = intents_of(DiscordOptions(token="x", message_content=wanted))
    assert intents.message_content is wanted
    assert not intents.members
    assert not intents.presences


def test_the_connection_that_is_lost_longest_counts() -> None:
    now = 0.0
    connection = Connection(lambda: now)
    connection.lost(0)
    now = 10.0
    connection.lost(1)
    connection.lost(0)
    assert connection.longest_lost(15.0) == 15.0
    connection.found(0)
    assert connection.longest_lost(15.0) == 5.0
    connection.found(1)
    assert connection.longest_lost(15.0) == 0.0
