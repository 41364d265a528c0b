"""The Discord adapter over real sockets, against the project's own fake of Discord."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from bots.actions import SayRight, ShowGuide
from bots.discord.adapter import DiscordRefused
from bots.reply import Button, Card, CardKind, Picture, Place, Reply
from bots.request import ButtonPressed, CommandSent, PhotosSent
from inference.labels import Label
from tests.fake_discord import FakeDiscord, Fault, running
from tests.fake_discord.bot import first_asked, started
from tests.fake_discord.payloads import (
    ALICE,
    BOB,
    BUNRI,
    CHANNEL,
    DM_CHANNEL,
    OTHER_CHANNEL,
    PEOPLE,
    attachment,
    message,
    snowflake,
)
from tests.fake_discord.pictures import noisy_png
from tests.fake_discord.specification import specification

JPEG = b"\xff\xd8\xff\xe0" + b"a photo of a bottle" * 400


@pytest.fixture
async def discord_() -> Any:
    async with running() as fake:
        yield fake
        assert "\n".join(fake.violations) == ""


def photo(fake: FakeDiscord, name: str = "photo.jpg", content: bytes = JPEG, **more: Any) -> dict[str, Any]:
    content_type = more.pop("content_type", "image/jpeg")
    size = more.pop("size", len(content))
    return attachment(fake.put_file(name, content, **more), name, size, content_type)


def test_the_published_description_is_here_to_judge_the_fake() -> None:
    if specification() is None:
        pytest.skip("shared/specs/discord-openapi.json is not here: requests are not judged by it")
    judge = specification()
    assert judge is not None
    assert judge.faults("POST", "/channels/1/messages", {"content": 5}, 200, None)


async def test_a_photo_in_a_direct_message_is_answered_there(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        await discord_.connected()
        await discord_.say(ALICE, DM_CHANNEL, attachments=[photo(discord_)])
        answer = await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert "photos 1" in answer.body["content"]
    assert conversation.senders[0].is_private
    assert conversation.senders[0].user == str(ALICE)


async def test_an_answer_notifies_nobody_and_is_sent_once(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path):
        await discord_.connected()
        said = await discord_.say(ALICE, CHANNEL, "@everyone", is_mention=True)
        answer = await discord_.call("POST", f"/channels/{CHANNEL}/messages")
    assert answer.body["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert answer.body["enforce_nonce"] is True
    assert str(answer.body["nonce"]).startswith(said["id"])
    assert "@everyone" not in answer.body["content"]


async def test_a_message_that_comes_twice_is_answered_once(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        await discord_.connected()
        said = await discord_.say(ALICE, DM_CHANNEL, "우유팩")
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
        await discord_.send("MESSAGE_CREATE", said)
        await discord_.say(ALICE, DM_CHANNEL, "영수증")
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages", 2)
    assert len(conversation.asked) == 2


async def test_several_photos_and_an_unnamed_heic_are_one_request(discord_: FakeDiscord, tmp_path: Path) -> None:
    heic = b"\x00\x00\x00\x18ftypheic" + bytes(200)
    async with started(tmp_path, channels=frozenset({CHANNEL})) as (_, conversation):
        await discord_.connected()
        files = [photo(discord_), photo(discord_, "IMG_0001.HEIC", heic, content_type=None)]
        other = photo(discord_, "notes.txt", b"text", content_type="text/plain")
        await discord_.say(ALICE, CHANNEL, attachments=[*files, other])
        await discord_.call("POST", f"/channels/{CHANNEL}/messages")
    assert first_asked(conversation, PhotosSent).photos == (JPEG, heic)


async def test_words_and_photos_elsewhere_are_left_alone(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path, channels=frozenset({CHANNEL})) as (_, conversation):
        await discord_.connected()
        await discord_.say(ALICE, OTHER_CHANNEL, attachments=[photo(discord_)])
        await discord_.say(ALICE, CHANNEL, "just talking")
        await discord_.say(ALICE, DM_CHANNEL, "last")
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert len(conversation.asked) == 1


async def test_a_photo_that_is_too_big_is_not_fetched(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path, max_photo_bytes=1000) as (_, conversation):
        await discord_.connected()
        missing = attachment(f"{discord_.base}/files/never-asked-for.jpg", "big.jpg", 1001)
        lying = photo(discord_, "lying.jpg", JPEG, size=10)
        await discord_.say(ALICE, DM_CHANNEL, attachments=[missing, lying])
        answer = await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert "photos 2 too\\_many\\_bytes too\\_many\\_bytes" in answer.body["content"]
    assert len(conversation.asked) == 1


async def test_a_download_that_breaks_off_is_tried_again(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        await discord_.connected()
        await discord_.say(ALICE, DM_CHANNEL, attachments=[photo(discord_, breaks_off=1)])
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert first_asked(conversation, PhotosSent).photos == (JPEG,)


async def test_an_address_that_ran_out_is_asked_for_again(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        await discord_.connected()
        sent = photo(discord_)
        fresh = sent["url"]
        said = await discord_.say(ALICE, DM_CHANNEL, attachments=[sent | {"url": f"{discord_.base}/files/expired"}])
        said["attachments"][0]["url"] = fresh
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert discord_.calls_to("GET", f"/channels/{DM_CHANNEL}/messages/{said['id']}")
    assert first_asked(conversation, PhotosSent).photos == (JPEG,)


async def test_a_slow_photo_holds_up_nobody_else(discord_: FakeDiscord, tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with started(tmp_path):
        await discord_.connected()
        await discord_.say(ALICE, CHANNEL, is_mention=True, attachments=[photo(discord_, gate=gate)])
        await discord_.say(BOB, CHANNEL, "pizza box", is_mention=True)
        first = await discord_.call("POST", f"/channels/{CHANNEL}/messages")
        gate.set()
        second = await discord_.call("POST", f"/channels/{CHANNEL}/messages", 2)
    assert "pizza box" in first.body["content"]
    assert "photos 1" in second.body["content"]


async def test_a_command_is_acknowledged_before_anything_else(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path):
        await discord_.connected()
        await discord_.command("classify", photo=photo(discord_))
        answer = await discord_.call("PATCH", "/webhooks/*/@original")
    order = [
        each.path.rsplit("/", 1)[-1]
        for each in discord_.calls
        if "/interactions/" in each.path or "webhooks" in each.path
    ]
    assert order == ["callback", "@original"]
    callback = discord_.calls_to("POST", "/interactions/*")[0]
    assert callback.body["type"] == 5
    assert not callback.body.get("data", {}).get("flags")
    assert "photos 1" in answer.body["content"]


@pytest.mark.parametrize("name", ["start", "help", "lang", "region", "privacy", "consent", "mydata", "forget"])
async def test_what_is_private_is_shown_to_its_asker_alone(name: str, discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path):
        await discord_.connected()
        await discord_.command(name, locale="ko")
        answer = await discord_.call("PATCH", "/webhooks/*/@original")
    assert discord_.calls_to("POST", "/interactions/*")[0].body["data"]["flags"] == 64
    assert name in answer.body["content"]


async def test_commands_carry_their_arguments(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        await discord_.connected()
        await discord_.command("guide", thing="pizza box", locale="ko")
        await discord_.command("generate", label="paper", count=3)
        await discord_.command("report", text="The guide is wrong")
        await discord_.command("labels")
        await discord_.command("stats")
        await discord_.call("PATCH", "/webhooks/*/@original", 5)
    commands = [request for request, _ in conversation.asked if isinstance(request, CommandSent)]
    assert len(commands) == len(conversation.asked)
    assert {f"{each.command} {each.argument}".strip() for each in commands} == {
        "guide pizza box",
        "generate paper 3",
        "report The guide is wrong",
        "labels",
        "stats",
    }
    assert {resident.language for _, resident in conversation.asked} == {"ko", "en"}


async def test_a_private_answer_to_a_public_command_takes_the_promise_back(
    discord_: FakeDiscord, tmp_path: Path
) -> None:
    async with started(tmp_path) as (_, conversation):
        conversation.scripts["labels"] = Reply((Card(CardKind.INFO, "secret"),), is_private=True)
        await discord_.connected()
        await discord_.command("labels")
        answer = await discord_.call("POST", "/webhooks/*")
    assert discord_.calls_to("DELETE", "/webhooks/*/@original")
    assert answer.body["flags"] == 64


async def test_a_reply_without_words_takes_the_promise_back(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        conversation.scripts["labels"] = Reply(())
        await discord_.connected()
        await discord_.command("labels")
        await discord_.call("DELETE", "/webhooks/*/@original")
    assert not discord_.calls_to("PATCH", "/webhooks/*")


def answered(who: int = ALICE) -> dict[str, Any]:
    """A message of Bunri's that answered somebody's command."""
    button = {"type": 2, "style": 2, "label": "Right", "custom_id": "bunri:right:ABCDEFGH", "id": 2}
    number = snowflake()
    return message(
        number,
        CHANNEL,
        BUNRI,
        components=[{"type": 1, "id": 1, "components": [button]}],
        interaction_metadata={
            "id": str(number),
            "type": 2,
            "user": PEOPLE[who],
            "authorizing_integration_owners": {},
        },
    )


async def test_a_button_of_another_process_edits_its_message(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        conversation.scripts["press SayRight"] = Reply((Card(CardKind.THANKS, "thanks"),), Place.EDIT)
        await discord_.connected()
        await discord_.press("bunri:right:ABCDEFGH", answered())
        answer = await discord_.call("PATCH", "/webhooks/*/@original")
    assert discord_.calls_to("POST", "/interactions/*")[0].body["type"] == 6
    assert "thanks" in answer.body["content"]
    assert answer.body["components"] == []
    assert first_asked(conversation, ButtonPressed).action == SayRight("ABCDEFGH")


async def test_somebody_elses_press_leaves_the_message_as_it_is(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        conversation.scripts["press SayRight"] = Reply((Card(CardKind.THANKS, "thanks"),), Place.EDIT)
        await discord_.connected()
        await discord_.press("bunri:right:ABCDEFGH", answered(), who=BOB)
        answer = await discord_.call("POST", "/webhooks/*")
    assert answer.body["flags"] == 64
    assert not discord_.calls_to("PATCH", "/webhooks/*")


async def test_a_button_of_another_version_gets_help(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path) as (_, conversation):
        await discord_.connected()
        old = answered()
        old["components"][0]["components"][0]["custom_id"] = "bunri:no-such-verb"
        await discord_.press("bunri:no-such-verb", old)
        await discord_.call("POST", "/webhooks/*")
    assert first_asked(conversation, CommandSent).command == "help"


async def test_an_interaction_that_is_too_late_is_no_error(
    discord_: FakeDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    discord_.faults.append(Fault("POST", "/interactions/*", 404, {"message": "Unknown interaction", "code": 10062}))
    async with started(tmp_path) as (_, conversation):
        await discord_.connected()
        await discord_.command("labels")
        await discord_.call("POST", "/interactions/*")
        await discord_.command("stats")
        await discord_.call("PATCH", "/webhooks/*/@original")
    assert first_asked(conversation, CommandSent).command == "stats"
    assert len(conversation.asked) == 1
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_a_rate_limit_is_waited_for(discord_: FakeDiscord, tmp_path: Path) -> None:
    limited = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}
    discord_.faults.append(
        Fault("POST", f"/channels/{DM_CHANNEL}/messages", 429, limited, {"Retry-After": "1", "Via": "1.1 fake"})
    )
    async with started(tmp_path):
        await discord_.connected()
        await discord_.say(ALICE, DM_CHANNEL, "우유팩")
        answer = await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages", 2)
    assert "우유팩" in answer.body["content"]


async def test_a_failing_server_is_asked_again(discord_: FakeDiscord, tmp_path: Path) -> None:
    discord_.faults.append(Fault("POST", f"/channels/{DM_CHANNEL}/messages", 500, {"message": "no", "code": 0}))
    async with started(tmp_path):
        await discord_.connected()
        await discord_.say(ALICE, DM_CHANNEL, "우유팩")
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages", 2)
    assert len(discord_.calls_to("POST", f"/channels/{DM_CHANNEL}/messages")) == 2


async def test_a_missing_permission_is_one_clear_sentence(
    discord_: FakeDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    discord_.faults.append(
        Fault("POST", f"/channels/{CHANNEL}/messages", 403, {"message": "Missing Permissions", "code": 50013})
    )
    async with started(tmp_path) as (_, conversation):
        await discord_.connected()
        await discord_.say(ALICE, CHANNEL, "one", is_mention=True)
        await discord_.call("POST", f"/channels/{CHANNEL}/messages")
        await discord_.say(ALICE, CHANNEL, "two", is_mention=True)
        await discord_.call("POST", f"/channels/{CHANNEL}/messages", 2)
    warnings = [each.getMessage() for each in caplog.records if "permissions" in each.getMessage()]
    assert len(warnings) == 1
    assert len(conversation.asked) == 2


async def test_pictures_too_large_for_the_place_are_made_smaller(discord_: FakeDiscord, tmp_path: Path) -> None:
    content = noisy_png(300)
    too_large = {"message": "Request entity too large", "code": 40005}
    discord_.faults.append(Fault("PATCH", "/webhooks/*/@original", 413, too_large))
    async with started(tmp_path) as (_, conversation):
        pictures = (Picture(content, "paper-1.png", "AI-generated: paper"),)
        conversation.scripts["generate paper 1"] = Reply((Card(CardKind.PICTURES, "Here"),), pictures=pictures)
        await discord_.connected()
        await discord_.command("generate", label="paper", count=1)
        answer = await discord_.call("PATCH", "/webhooks/*/@original", 2)
    ((name, uploaded),) = answer.files
    assert name == "paper-1.jpg"
    assert len(uploaded) <= len(content) // 2
    assert answer.body["attachments"][0]["description"] == "AI-generated: paper"


async def test_many_labels_become_one_menu(discord_: FakeDiscord, tmp_path: Path) -> None:
    buttons = tuple(Button(label.value, ShowGuide(label), label) for label in Label)
    async with started(tmp_path) as (_, conversation):
        conversation.scripts["labels"] = Reply((Card(CardKind.LABELS, "Labels", buttons=buttons),))
        await discord_.connected()
        await discord_.command("labels")
        answer = await discord_.call("PATCH", "/webhooks/*/@original")
    (row,) = answer.body["components"]
    (menu,) = row["components"]
    assert [each["value"] for each in menu["options"]] == [f"guide:{label}" for label in Label]


async def test_a_broken_connection_is_resumed(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path):
        await discord_.connected()
        await discord_.disconnect(4000)
        await discord_.connected(2)
        await discord_.say(ALICE, DM_CHANNEL, "우유팩")
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
        assert len(discord_.resumed) == 1


async def test_a_wrong_token_is_one_clear_sentence(discord_: FakeDiscord, tmp_path: Path) -> None:
    with pytest.raises(DiscordRefused, match="Developer Portal") as refused:
        async with started(tmp_path, token="wrong.token.here"):
            pass
    assert "wrong.token.here" not in str(refused.value)


@pytest.mark.parametrize(("code", "words"), [(4004, "token"), (4014, "message content intent")])
async def test_a_gateway_that_refuses_is_one_clear_sentence(
    code: int, words: str, discord_: FakeDiscord, tmp_path: Path
) -> None:
    discord_.close_on_identify = code
    async with started(tmp_path, message_content=True) as (adapter, _):
        with pytest.raises(DiscordRefused, match=words):
            await asyncio.wait_for(adapter.run(), 20)


async def test_only_the_intents_that_are_needed_are_asked_for(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path):
        await discord_.connected()
    guilds, guild_messages, direct_messages = 1 << 0, 1 << 9, 1 << 12
    assert discord_.identified[0]["intents"] == guilds | guild_messages | direct_messages


async def test_commands_are_registered_once_and_in_both_languages(discord_: FakeDiscord, tmp_path: Path) -> None:
    for _ in range(2):
        async with started(tmp_path):
            await discord_.connected()
            discord_._ready = 0
    (call,) = discord_.calls_to("PUT", "/applications/*/commands")
    classify = next(each for each in call.body if each["name"] == "classify")
    assert set(classify["description_localizations"]) == {"ko"}
    assert classify["name_localizations"]["ko"] != "classify"
    menu = next(each for each in call.body if each.get("type") == 3)
    assert menu["name_localizations"]["ko"]


async def test_a_large_bot_is_sharded(discord_: FakeDiscord, tmp_path: Path) -> None:
    discord_.guilds_of_bot = 1500
    async with started(tmp_path, shards_above=1000) as (adapter, _):
        await discord_.connected()
        assert discord_.identified[0]["shard"] == [0, 1]
        await discord_.say(ALICE, DM_CHANNEL, "우유팩")
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
        assert adapter.is_alive(0.0)


async def test_a_full_queue_says_so(discord_: FakeDiscord, tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with started(tmp_path, queue_limit=1):
        await discord_.connected()
        await discord_.say(ALICE, DM_CHANNEL, attachments=[photo(discord_, gate=gate)])
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/typing")
        await discord_.command("labels", channel=DM_CHANNEL)
        answer = await discord_.call("PATCH", "/webhooks/*/@original")
        gate.set()
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert "busy" in answer.body["content"]
