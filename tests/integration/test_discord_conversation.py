"""The real conversation in Discord, over real sockets: whatever it says, Discord takes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bots.conversation import Conversation
from bots.discord.adapter import DiscordAdapter
from bots.messages import load_messages
from bots.request import Command
from guides import load_guides
from guides.things import load_things
from inference.answer import Decision, Hazard
from inference.labels import Label
from tests.fake_discord import FakeDiscord, running
from tests.fake_discord.bot import OPTIONS, open_database
from tests.fake_discord.payloads import ALICE, CHANNEL, DM_CHANNEL, attachment
from tests.scripted_inference import ScriptedInference, verdict

SURE, ASKING, HAZARD = b"sure", b"asking", b"hazard"

ARGUMENTS: dict[str, dict[str, Any]] = {
    "guide": {"thing": "pizza box"},
    "generate": {"label": "paper", "count": 2},
    "report": {"text": "The guide is wrong"},
}


@pytest.fixture
async def discord_() -> AsyncIterator[FakeDiscord]:
    async with running() as fake:
        yield fake
        assert "\n".join(fake.violations) == ""


@pytest.fixture
async def bunri(discord_: FakeDiscord, tmp_path: Path) -> AsyncIterator[DiscordAdapter]:
    answers = {
        SURE: verdict(Label.PLASTIC),
        ASKING: verdict(Label.PAPER, 0.4, decision=Decision.ASK, candidates=(Label.PAPER, Label.CARDBOARD)),
        HAZARD: verdict(Label.METAL, hazards=(Hazard.BATTERY,)),
    }
    database = await open_database(tmp_path)
    messages, things = load_messages(), load_things()
    conversation = Conversation(ScriptedInference(answers), load_guides(), messages, things=things, memory=database)
    adapter = DiscordAdapter(OPTIONS, conversation, messages, things, database)
    await adapter.start()
    await discord_.connected()
    yield adapter
    await adapter.stop()
    await conversation.close()
    await database.close()


@pytest.mark.parametrize("locale", ["ko", "en-US"])
@pytest.mark.parametrize("command", sorted(Command))
async def test_every_command_is_answered(
    command: Command, locale: str, discord_: FakeDiscord, bunri: DiscordAdapter
) -> None:
    await discord_.command(command.value, locale=locale, **ARGUMENTS.get(command.value, {}))
    answer = await discord_.call("PATCH", "/webhooks/*/@original")
    assert answer.body["content"] or answer.body["embeds"]
    assert not discord_.calls_to("DELETE", "/webhooks/*/@original")


@pytest.mark.parametrize("content", [SURE, ASKING, HAZARD])
async def test_every_button_below_an_answer_is_answered(
    content: bytes, discord_: FakeDiscord, bunri: DiscordAdapter
) -> None:
    photo = attachment(discord_.put_file("photo.jpg", content), "photo.jpg", len(content))
    said = await discord_.command("classify", channel=DM_CHANNEL, photo=photo)
    answer = await discord_.call("PATCH", "/webhooks/*/@original")
    ids = [each["custom_id"] for row in answer.body["components"] for each in row["components"]]
    assert ids
    below = {"id": said["id"], "channel_id": str(DM_CHANNEL)}
    for number, custom_id in enumerate(ids, start=2):
        message = discord_.answer_of(said) | below
        await discord_.press(custom_id, message, who=ALICE)
        await discord_.until(lambda wanted=number: len(discord_.answers()) >= wanted)  # type: ignore[misc]


async def test_photos_of_one_message_are_answered_each(discord_: FakeDiscord, bunri: DiscordAdapter) -> None:
    contents = [SURE, HAZARD]
    photos = [
        attachment(discord_.put_file(f"{place}.jpg", content), f"{place}.jpg", len(content))
        for place, content in enumerate(contents)
    ]
    await discord_.say(ALICE, CHANNEL, is_mention=True, attachments=photos)
    await discord_.call("POST", f"/channels/{CHANNEL}/messages", 2)
    hazard = discord_.calls_to("POST", f"/channels/{CHANNEL}/messages")[1]
    assert hazard.body["content"].startswith("> **")


async def test_words_find_a_thing(discord_: FakeDiscord, bunri: DiscordAdapter) -> None:
    await discord_.say(ALICE, DM_CHANNEL, "우유팩")
    answer = await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert "우유팩" in answer.body["content"]
