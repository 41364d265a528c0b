"""A process that is killed leaves nothing unanswered that had reached it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bots.platforms import Platform
from tests.conftest import PROJECT_ROOT
from tests.fake_discord import running
from tests.fake_discord.bot import open_database
from tests.fake_discord.payloads import ALICE, BOB, CHANNEL, DM_CHANNEL, attachment

PHOTO = b"\xff\xd8\xff\xe0 a photo"


@asynccontextmanager
async def bunri(address: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fake_discord.process", address, str(folder), cwd=PROJECT_ROOT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_photos_and_commands_are_answered_after_kill_9(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with running() as fake:
        url = fake.put_file("photo.jpg", PHOTO, gate=gate)
        async with bunri(fake.base, tmp_path) as process:
            await fake.connected()
            await fake.say(ALICE, DM_CHANNEL, attachments=[attachment(url, "photo.jpg", len(PHOTO))])
            await fake.say(BOB, CHANNEL, is_mention=True, attachments=[attachment(url, "photo.jpg", len(PHOTO))])
            await fake.command("classify", who=BOB, photo=attachment(url, "photo.jpg", len(PHOTO)))
            await fake.call("POST", f"/channels/{DM_CHANNEL}/typing")
            await fake.call("POST", f"/channels/{CHANNEL}/typing")
            await fake.call("POST", "/interactions/*/callback")
            await _received(tmp_path, 3)
            process.kill()
        assert not fake.calls_to("POST", "/channels/*/messages")
        gate.set()
        async with bunri(fake.base, tmp_path):
            await fake.call("POST", f"/channels/{DM_CHANNEL}/messages")
            await fake.call("POST", f"/channels/{CHANNEL}/messages")
            answer = await fake.call("PATCH", "/webhooks/*/@original")
        assert "photos 1" in answer.body["content"]
        assert len(fake.calls_to("POST", "/channels/*/messages")) == 2
        assert "\n".join(fake.violations) == ""


async def _received(folder: Path, number: int) -> None:
    database = await open_database(folder)
    try:
        async with asyncio.timeout(20):
            while (await database.inbox.counts(Platform.DISCORD)).received < number:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await database.close()
