"""What is unfinished when Bunri stops is answered when it starts again."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.discord import payload
from bots.discord.payload import CommandAsked, InteractionReceived, MessageReceived, PhotoReference, PhotosAsked
from bots.platforms import Platform
from bots.request import Command, PhotosSent
from db.inbox import Arrival, InboxCounts
from tests.fake_discord import FakeDiscord, Fault, running
from tests.fake_discord.bot import first_asked, open_database, started
from tests.fake_discord.payloads import ALICE, APPLICATION, CHANNEL, DM_CHANNEL, GUILD, attachment, snowflake

PHOTO = b"\xff\xd8\xff\xe0 a photo"


@pytest.fixture
async def discord_() -> Any:
    async with running() as fake:
        yield fake
        assert "\n".join(fake.violations) == ""


async def leave(folder: Path, received: payload.Received) -> None:
    """Put an event into the inbox as a process does that dies before it answers."""
    database = await open_database(folder)
    arrival = Arrival(Platform.DISCORD, received.update_id, payload.write(received))
    assert await database.inbox.receive([arrival])
    await database.close()


async def counts(folder: Path) -> InboxCounts:
    database = await open_database(folder)
    found = await database.inbox.counts(Platform.DISCORD)
    await database.close()
    return found


def command(*, age_s: float, ephemeral: bool = False, direct: bool = False) -> InteractionReceived:
    number = snowflake()
    return InteractionReceived(
        id=number,
        application=APPLICATION,
        token=f"interaction-token-{number}",
        channel=DM_CHANNEL if direct else CHANNEL,
        guild=None if direct else GUILD,
        user=ALICE,
        locale="ko",
        is_direct=direct,
        is_ephemeral=ephemeral,
        asked=CommandAsked(command=Command.MYDATA if ephemeral else Command.LABELS),
        received_at=datetime.now(UTC) - timedelta(seconds=age_s),
    )


async def test_a_message_is_answered_by_the_next_process(discord_: FakeDiscord, tmp_path: Path) -> None:
    url = discord_.put_file("photo.jpg", PHOTO)
    asked = PhotosAsked(photos=(PhotoReference(id=1, url=url, size=len(PHOTO)),), message=snowflake())
    received = MessageReceived(id=snowflake(), channel=CHANNEL, guild=GUILD, user=ALICE, locale=None, asked=asked)
    await leave(tmp_path, received)
    async with started(tmp_path) as (_, conversation):
        answer = await discord_.call("POST", f"/channels/{CHANNEL}/messages")
    assert str(answer.body["message_reference"]["message_id"]) == str(received.id)
    assert first_asked(conversation, PhotosSent).photos == (PHOTO,)
    assert (await counts(tmp_path)).answered == 1


async def test_a_young_command_is_answered_through_its_token(discord_: FakeDiscord, tmp_path: Path) -> None:
    await leave(tmp_path, command(age_s=60))
    async with started(tmp_path):
        answer = await discord_.call("PATCH", "/webhooks/*/@original")
    assert "labels" in answer.body["content"]


async def test_an_old_public_command_is_answered_in_its_channel(discord_: FakeDiscord, tmp_path: Path) -> None:
    await leave(tmp_path, command(age_s=3600))
    async with started(tmp_path):
        answer = await discord_.call("POST", f"/channels/{CHANNEL}/messages")
    assert "labels" in answer.body["content"]


async def test_a_token_that_died_early_is_answered_in_the_channel_too(discord_: FakeDiscord, tmp_path: Path) -> None:
    unknown = {"message": "Unknown Webhook", "code": 10015}
    discord_.faults.append(Fault("PATCH", "/webhooks/*", 404, unknown, times=99))
    await leave(tmp_path, command(age_s=60))
    async with started(tmp_path):
        answer = await discord_.call("POST", f"/channels/{CHANNEL}/messages")
    assert "labels" in answer.body["content"]


async def test_an_old_private_command_is_never_answered_in_public(discord_: FakeDiscord, tmp_path: Path) -> None:
    await leave(tmp_path, command(age_s=3600, ephemeral=True))
    await leave(tmp_path, command(age_s=3600, ephemeral=True, direct=True))
    async with started(tmp_path):
        answer = await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert "mydata" in answer.body["content"]
    assert not discord_.calls_to("POST", f"/channels/{CHANNEL}/messages")
    assert (await counts(tmp_path)).received == 0


async def test_what_waits_at_the_stop_is_answered_after_it(discord_: FakeDiscord, tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with started(tmp_path) as (adapter, _):
        await discord_.connected()
        url = discord_.put_file("photo.jpg", PHOTO, gate=gate)
        await discord_.say(ALICE, DM_CHANNEL, attachments=[attachment(url, "photo.jpg", len(PHOTO))])
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/typing")
        await adapter.stop(0.05)
    assert not discord_.calls_to("POST", f"/channels/{DM_CHANNEL}/messages")
    gate.set()
    async with started(tmp_path):
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert len(discord_.calls_to("POST", f"/channels/{DM_CHANNEL}/messages")) == 1


async def test_an_entry_of_another_version_does_not_stop_the_others(
    discord_: FakeDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = await open_database(tmp_path)
    await database.inbox.receive([Arrival(Platform.DISCORD, "x", b'{"source": "secret words"}')])
    await database.close()
    await leave(tmp_path, command(age_s=60))
    async with started(tmp_path):
        await discord_.call("PATCH", "/webhooks/*/@original")
    assert "secret words" not in caplog.text


async def test_a_discord_that_is_down_at_the_start_is_waited_for(tmp_path: Path) -> None:
    fake = FakeDiscord()
    fake.faults = [Fault("GET", "/users/@me", 404, {"message": "down", "code": 0}, times=2)]
    async with running(fake), started(tmp_path) as (adapter, _):
        assert adapter.is_alive(time.monotonic())
        await fake.connected()
        await fake.say(ALICE, DM_CHANNEL, "우유팩")
        await fake.call("POST", f"/channels/{DM_CHANNEL}/messages")


@pytest.mark.parametrize("status", [400, 403])
async def test_commands_that_discord_refuses_hold_up_nothing_else(
    status: int, discord_: FakeDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    discord_.faults.append(Fault("PUT", "/applications/*", status, {"message": "no", "code": 50001}, times=9))
    async with started(tmp_path):
        await discord_.connected()
        await discord_.say(ALICE, DM_CHANNEL, "우유팩")
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    assert "the commands" in caplog.text


async def test_a_connection_that_stays_lost_is_noticed(discord_: FakeDiscord, tmp_path: Path) -> None:
    async with started(tmp_path, disconnected_seconds=30) as (adapter, _):
        await discord_.connected()
        now = time.monotonic()
        adapter._connection.lost()
        assert adapter.is_alive(now)
        assert not adapter.is_alive(now + 31)
    assert not adapter.is_alive(now)


async def test_no_log_line_holds_a_token_a_name_or_an_address(
    discord_: FakeDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bots")
    async with started(tmp_path):
        await discord_.connected()
        url = discord_.put_file("holiday-at-home.jpg", PHOTO, breaks_off=1)
        await discord_.say(ALICE, DM_CHANNEL, "secret caption", attachments=[attachment(url, "h.jpg", len(PHOTO))])
        made = await discord_.command("guide", thing="secret thing")
        await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
        await discord_.call("PATCH", "/webhooks/*/@original")
    kept = await asyncio.to_thread(_bytes_in, tmp_path)
    for secret in (
        "secret caption",
        "secret thing",
        made["token"],
        "alice-of-the-tests",
        "holiday-at-home",
        "fake.discord.token",
    ):
        assert secret not in caplog.text
        assert secret.encode() not in kept


def _bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
