"""What people see in Discord: the unmodified client inside simcord, which models servers, people and permissions."""

from dataclasses import replace
from typing import Any, cast

import discord
import pytest
from discord.app_commands import locale_str

from bots.actions import SayRight, ShowGuide
from bots.discord.answering import Answering
from bots.discord.client import BunriClient, Connection
from bots.discord.commands import _wanted
from bots.discord.options import DiscordOptions
from bots.discord.payload import PhotoReference, Received
from bots.discord.reception import Reception
from bots.discord.suggestions import Suggestions
from bots.discord.sync import sync_if_changed
from bots.discord.translation import MessageTranslator
from bots.messages import load_messages
from bots.reply import Button, Card, CardKind, Place, Reply
from bots.request import Command, PhotosSent
from guides.things import load_things
from inference.labels import LABELS, Label
from tests.fake_discord.bot import OPTIONS, ScriptedConversation, card_reply, first_asked

PHOTO = ("bottle.jpg", b"\xff\xd8\xff a photo")


class Remembered(dict[str, str]):
    """Notes in memory."""

    async def get(self, key: str) -> str | None:  # type: ignore[override]
        return super().get(key)

    async def set(self, key: str, value: str) -> None:
        self[key] = value


class CdnPhotos:
    """Photos out of simcord's memory."""

    def __init__(self) -> None:
        self.client: discord.Client | None = None

    async def fetch(self, photo: PhotoReference) -> bytes:
        assert self.client is not None
        return await self.client.http.get_from_cdn(photo.url)


class Bot(BunriClient):
    """Bunri without an inbox: every event is answered where it is taken."""

    def __init__(
        self, conversation: ScriptedConversation, notes: Remembered, options: DiscordOptions = OPTIONS
    ) -> None:
        self.conversation = conversation
        self.notes = notes
        photos = CdnPhotos()
        answering = Answering(lambda: self, conversation, lambda: photos)

        async def take(received: Received) -> None:
            await answering.answer(received)

        async def register(client: BunriClient) -> None:
            await sync_if_changed(client.tree, notes, None)

        reception = Reception(options, Suggestions(conversation, load_things()), take)
        super().__init__(options, reception, load_messages(), Connection(lambda: 0.0), register)
        photos.client = self


@pytest.fixture
def conversation() -> ScriptedConversation:
    return ScriptedConversation(load_messages())


@pytest.fixture
def simcord_bot(conversation: ScriptedConversation) -> Bot:
    """What simcord's own fixture starts."""
    return Bot(conversation, Remembered(), replace(OPTIONS, message_content=True))


@pytest.fixture
def env(simcord_env: Any) -> Any:
    return simcord_env


@pytest.fixture
def place(env: Any) -> Any:
    guild = env.create_guild()
    channel = guild.create_text_channel("waste")
    alice = guild.add_member(env.create_user("alice"))
    bob = guild.add_member(env.create_user("bob"))
    return guild, channel, alice, bob


async def test_a_photo_in_a_command_is_answered_for_everybody(conversation: ScriptedConversation, place: Any) -> None:
    _, channel, alice, _ = place
    result = await alice.slash(channel, "classify", photo=PHOTO)
    assert result.acknowledged
    assert not result.ephemeral
    assert "photos 1" in result.response.content
    assert first_asked(conversation, PhotosSent).photos == (PHOTO[1],)


@pytest.mark.parametrize("command", sorted(set(Command) - {Command.GUIDE, Command.GENERATE, Command.REPORT}))
async def test_every_command_without_arguments_is_answered(command: Command, place: Any) -> None:
    _, channel, alice, _ = place
    result = await alice.slash(channel, command.value)
    assert command.value in result.response.content
    assert result.ephemeral == (command not in {Command.LABELS, Command.STATS})


async def test_the_menu_of_a_message_classifies_its_images(place: Any) -> None:
    _, channel, alice, bob = place
    said = await bob.send(channel, "what is this?", attachments=[PHOTO, PHOTO])
    result = await alice.context_menu(channel, "Classify waste", said)
    assert "photos 2" in result.response.content


async def test_the_menu_of_a_message_without_images_helps_its_asker_alone(place: Any) -> None:
    _, channel, alice, bob = place
    said = await bob.send(channel, "no image here")
    result = await alice.context_menu(channel, "Classify waste", said)
    assert result.ephemeral
    assert "help" in result.response.content


async def test_a_mention_with_a_photo_is_answered_below_it(env: Any, place: Any) -> None:
    _, channel, alice, _ = place
    said = await alice.send(channel, env.bot.user.mention, attachments=[PHOTO])
    answer = channel.last_message
    assert "photos 1" in answer.content
    assert answer.reference.message_id == said.id


async def test_a_reply_to_bunri_is_answered(env: Any, place: Any) -> None:
    _, channel, alice, _ = place
    await alice.send(channel, f"{env.bot.user.mention} pizza box")
    answer = channel.last_message
    assert "text pizza box" in answer.content
    await alice.send(channel, "우유팩", reply_to=answer)
    assert "text 우유팩" in channel.last_message.content


async def test_a_mention_below_a_photo_classifies_that_photo(env: Any, place: Any) -> None:
    _, channel, alice, bob = place
    said = await bob.send(channel, "", attachments=[PHOTO])
    await alice.send(channel, env.bot.user.mention, reply_to=said)
    assert "photos 1" in channel.last_message.content


async def test_a_bare_mention_gets_help(env: Any, place: Any) -> None:
    _, channel, alice, _ = place
    await alice.send(channel, env.bot.user.mention)
    assert "help" in channel.last_message.content


async def test_what_is_not_for_bunri_is_left_alone(conversation: ScriptedConversation, place: Any) -> None:
    _, channel, alice, _ = place
    await alice.send(channel, "talking", attachments=[PHOTO])
    assert conversation.asked == []


async def test_words_in_a_direct_message_are_answered(env: Any, conversation: ScriptedConversation) -> None:
    carol = env.create_user("carol")
    await carol.send_dm("/guide pizza box")
    assert "guide pizza box" in carol.dm_channel.last_message.content
    assert conversation.senders[0].is_private


async def test_words_that_look_like_mentions_notify_nobody(env: Any, place: Any) -> None:
    _, channel, alice, bob = place
    await alice.send(channel, f"{env.bot.user.mention} @everyone {bob.mention}")
    answer = channel.last_message
    assert not answer.mention_everyone
    assert bob.id not in [each.id for each in answer.mentions]


async def test_buttons_work_after_a_restart(env: Any, conversation: ScriptedConversation, place: Any) -> None:
    _, channel, alice, _ = place
    buttons = (Button("맞아요", SayRight("ABCDEFGH")), Button("Paper", ShowGuide(Label.PAPER)))
    conversation.scripts["labels"] = Reply((Card(CardKind.ANSWER, "Is it right?", buttons=buttons),))
    conversation.scripts["press SayRight"] = Reply((Card(CardKind.THANKS, "Thanks"),), Place.EDIT)
    await alice.slash(channel, "labels")
    asked = channel.last_message
    await env.restart_bot(Bot(conversation, cast(Bot, env.bot).notes))
    await alice.click(asked, custom_id="bunri:right:ABCDEFGH")
    assert "Thanks" in channel.last_message.content
    assert channel.last_message.id == asked.id
    assert channel.last_message.components == []


async def test_a_menu_works_after_a_restart(env: Any, conversation: ScriptedConversation, place: Any) -> None:
    _, channel, alice, _ = place
    buttons = tuple(Button(label.value, ShowGuide(label), label) for label in Label)
    conversation.scripts["labels"] = Reply((Card(CardKind.LABELS, "Which?", buttons=buttons),))
    await alice.slash(channel, "labels")
    asked = channel.last_message
    await env.restart_bot(Bot(conversation, cast(Bot, env.bot).notes))
    result = await alice.select(asked, custom_id="bunri-menu-0", values=["guide:paper"])
    assert "press ShowGuide" in result.followups[0].content


async def test_somebody_else_gets_an_answer_of_their_own(conversation: ScriptedConversation, place: Any) -> None:
    _, channel, alice, bob = place
    conversation.scripts["labels"] = Reply(
        (Card(CardKind.ANSWER, "Is it right?", buttons=(Button("Yes", SayRight("ABCDEFGH")),)),)
    )
    conversation.scripts["press SayRight"] = Reply((Card(CardKind.THANKS, "Thanks"),), Place.EDIT)
    await alice.slash(channel, "labels")
    asked = channel.last_message
    result = await bob.click(asked, custom_id="bunri:right:ABCDEFGH")
    assert result.followups[0].ephemeral
    assert "Is it right?" in channel.last_message.content


async def test_a_private_answer_to_a_press_is_shown_to_the_presser(
    conversation: ScriptedConversation, place: Any
) -> None:
    _, channel, alice, _ = place
    conversation.scripts["labels"] = Reply(
        (Card(CardKind.ANSWER, "Is it right?", buttons=(Button("Yes", SayRight("ABCDEFGH")),)),)
    )
    conversation.scripts["press SayRight"] = Reply((Card(CardKind.INFO, "Private"),), is_private=True)
    await alice.slash(channel, "labels")
    result = await alice.click(channel.last_message, custom_id="bunri:right:ABCDEFGH")
    assert [each.ephemeral for each in result.followups] == [True]


async def test_several_cards_are_several_messages(conversation: ScriptedConversation, place: Any) -> None:
    _, channel, alice, _ = place
    cards = card_reply("one").cards + card_reply("two").cards
    conversation.scripts["labels"] = Reply(cards)
    result = await alice.slash(channel, "labels")
    assert "one" in result.response.content
    assert ["two" in each.content for each in result.followups] == [True]


async def test_a_failed_acknowledgement_is_no_error(env: Any, conversation: ScriptedConversation, place: Any) -> None:
    _, channel, alice, _ = place
    env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062, message="Unknown interaction")
    await alice.slash(channel, "labels")
    assert conversation.asked == []
    (error,) = env.errors
    assert "10062" in str(error)


async def test_commands_are_registered_only_when_they_changed(env: Any, conversation: ScriptedConversation) -> None:
    def registrations() -> int:
        return sum(each.method == "PUT" and "commands" in each.path for each in env.http_requests)

    notes = cast(Bot, env.bot).notes
    before = registrations()
    await env.restart_bot(Bot(conversation, notes))
    assert registrations() == before
    notes[next(iter(notes))] = "another set"
    await env.restart_bot(Bot(conversation, notes))
    assert registrations() == before + 1


async def test_places_are_offered_while_typing(place: Any) -> None:
    _, channel, alice, _ = place
    choices = await alice.autocomplete(channel, "region", "region", "kor")
    assert [each["value"] for each in choices] == ["kr"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("pap", "paper"),
        ("종", "paper"),
        ("platsic", "plastic"),
        ("유리", "brown-glass"),
        ("신팔", "shoes"),
        ("GLAS", "brown-glass"),
    ],
)
async def test_kinds_are_offered_while_typing_in_either_language_and_with_slips(
    place: Any, typed: str, first: str
) -> None:
    _, channel, alice, _ = place
    choices = await alice.autocomplete(channel, "generate", "label", typed)
    assert choices[0]["value"] == first
    assert len(choices) < len(LABELS)


@pytest.mark.parametrize("typed", ["", "무지개", "zzzzzz", "x" * 100])
async def test_where_no_kind_is_like_it_all_are_offered(place: Any, typed: str) -> None:
    _, channel, alice, _ = place
    choices = await alice.autocomplete(channel, "generate", "label", typed)
    assert [each["value"] for each in choices] == list(LABELS)


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"label": "papr"}, "papr 1"),
        ({"label": "paper", "count": 3}, "paper 3"),
        ({"label": "paper", "seed": 7}, "paper 1 7"),
        ({"label": "종이 3"}, "종이 3"),
        ({"label": "종이 3 9", "count": 2}, "종이 2 9"),
        ({"label": "paper -3"}, "paper -3"),
        ({"label": "12"}, "12"),
    ],
)
def test_what_is_asked_for_is_written_as_in_a_chat(options: dict[str, Any], argument: str) -> None:
    assert _wanted(options["label"], options.get("count"), options.get("seed")) == argument


@pytest.mark.parametrize("locale", [discord.Locale.korean, discord.Locale.american_english, discord.Locale.french])
async def test_what_bunri_does_not_speak_gets_the_base_words(locale: discord.Locale) -> None:
    translator = MessageTranslator(load_messages())
    word = locale_str("Paper", key="label-paper")
    context: Any = None
    expected = {"ko": "종이"}.get(locale.value)
    assert await translator.translate(word, locale, context) == expected
    assert await translator.translate(locale_str("plain"), locale, context) is None
