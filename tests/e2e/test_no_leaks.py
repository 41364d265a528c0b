"""What a resident sends, and what an operator keeps secret, is in no log, no database and no other file."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bunri.settings import PROJECT_ROOT
from tests.fake_discord import FakeDiscord, running
from tests.fake_discord.payloads import ALICE, BOB, CHANNEL, DM_CHANNEL, attachment
from tests.fake_discord.server import TOKEN as DISCORD_TOKEN
from tests.fake_telegram.server import FakeTelegram, buttons_of
from tests.fake_telegram.updates import Person, Script
from tests.planted import authored_png, files_in, leaks, located_jpeg, metadata
from tests.web_site import visiting

TOKEN = "777000111:LEAKleakLEAKleakLEAKleakLEAKleakLEA"

SECRET = "a distinctive secret of thirty-two characters and more"
NAME = "Distinctivename"
TITLE = "A group of distinctive neighbours"
CAPTION = "a caption that nobody else would write"
WORDS = "distinctivewordsthatnamenothing"
REPORT = "a distinctive report about my own street"
FILE = "distinctive-file-name.jpg"
BROKEN = b"\xff\xd8\xff\xe0 distinctive bytes of a broken photo"
ADDRESS = "203.0.113.77"
BROWSER = "DistinctiveBrowser/7.7"
PERSON_ID = 8_765_432_109
GROUP_ID = -1_007_766_554_433

RUN = """
from bunri.cli import main
from tests.fake_discord.server import pointed_at
with pointed_at({discord!r}):
    main(['run'])
"""
FAULT = """
from inference.engine import LocalInference
async def classify(self, image):
    raise RuntimeError(f'a fault of ours that quotes what it stumbled over: {image!r}')
LocalInference.classify = classify
"""


@asynccontextmanager
async def bunri(
    before: str, telegram: FakeTelegram, discord_: FakeDiscord, weights: Path, folder: Path
) -> AsyncIterator[str]:
    """Everything in one process; yields the page's address. What it says is in ``folder/said``."""
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(PROJECT_ROOT),
        "TMPDIR": str(folder),
        "BUNRI_INFERENCE__WEIGHTS": str(weights),
        "BUNRI_INFERENCE__BACKEND": "openvino",
        "BUNRI_TELEGRAM__TOKEN": TOKEN,
        "BUNRI_TELEGRAM__BASE_URL": telegram.base_url,
        "BUNRI_TELEGRAM__BASE_FILE_URL": telegram.base_file_url,
        "BUNRI_DISCORD__TOKEN": DISCORD_TOKEN,
        "BUNRI_WEB__PORT": "0",
        "BUNRI_WEB__TRUST_PROXY": "true",
        "BUNRI_VAULT__KEEP_PHOTOS": "true",
        "BUNRI_VAULT__FOLDER": str(folder / "vault"),
        "BUNRI_VAULT__KEYS_FILE": str(folder / "keys"),
        "BUNRI_DATABASE__URL": f"sqlite:///{folder / 'bunri.db'}",
        "BUNRI_DATABASE__SECRET": SECRET,
        "BUNRI_LOG__LEVEL": "DEBUG",
    }
    code = before + RUN.format(discord=discord_.base)
    with (folder / "said").open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, env=surroundings, cwd=folder, stdout=said, stderr=said
        )
        try:
            yield await page_of(folder / "said", process)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def page_of(said: Path, process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(60):
        while not (ready := re.search(rb"Bunri is ready: (\S+)", said.read_bytes())):  # noqa: ASYNC240 - a small file
            assert process.returncode is None, "it ended before the page was ready"
            await asyncio.sleep(0.05)
    return ready[1].decode()


async def use_telegram(telegram: FakeTelegram) -> None:
    """Photos with and without consent, in private and in a group, words, a report, a file that is no photo."""
    script, person = Script(), Person(id=PERSON_ID, first_name=NAME)

    async def said(*updates: dict[str, object]) -> None:
        before = len(telegram.sent)
        telegram.feed(*updates)
        await telegram.until(lambda: len(telegram.sent) > before, 60)

    await said(script.text(person, "/start"))
    await said(script.photo(person, "a", caption=CAPTION))
    await said(script.text(person, "/consent"))
    yes = buttons_of(telegram.sent[-1])["동의해요"]
    telegram.feed(script.press(person, yes, {"message_id": 1, "date": 1, "chat": {"id": PERSON_ID, "type": "private"}}))
    await telegram.until(lambda: telegram.of("editMessageText"), 60)
    await said(script.photo(person, "a", caption=CAPTION))
    await said(script.document(person, "png", file_name=FILE))
    await said(script.document(person, "broken", file_name=FILE))
    await said(script.text(person, WORDS))
    await said(script.text(person, f"/report {REPORT}"))
    in_group = script.photo(person, "a", group=GROUP_ID, caption=f"/classify {CAPTION}")
    in_group["message"]["chat"]["title"] = TITLE
    await said(in_group)


async def use_discord(discord_: FakeDiscord, photo: bytes) -> None:
    url = discord_.put_file(FILE, photo)
    shown = attachment(url, FILE, len(photo))
    await discord_.say(ALICE, DM_CHANNEL, CAPTION, attachments=[shown])
    await discord_.call("POST", f"/channels/{DM_CHANNEL}/messages")
    await discord_.say(BOB, CHANNEL, CAPTION, is_mention=True, attachments=[shown])
    await discord_.call("POST", f"/channels/{CHANNEL}/messages")
    answered = len(discord_.answers())
    await discord_.command("report", text=REPORT)
    await discord_.command("guide", thing=WORDS)
    await discord_.command("classify", who=BOB, photo=shown)
    await discord_.until(lambda: len(discord_.answers()) >= answered + 3)


async def use_page(url: str, photo: bytes) -> str:
    """The session that the browser got."""
    async with visiting(url) as visitor:
        visitor.http.headers.update({"X-Forwarded-For": ADDRESS, "User-Agent": BROWSER})
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("photo", photo, filename=FILE, content_type="image/jpeg")
        form.add_field("photo", BROKEN, filename=FILE, content_type="image/jpeg")
        assert (await visitor.post("api/classify", data=form)).status in {200, 500}
        assert (await visitor.ask(WORDS)).status == 200
        assert (await visitor.ask(f"/report {REPORT}")).status == 200
        return next(iter(visitor.http.cookie_jar)).value


@pytest.mark.parametrize("before", ["", FAULT], ids=["all is well", "inference fails"])
async def test_nothing_of_a_resident_or_of_the_secrets_is_left_in_any_file(
    before: str, own_weights: Path, tmp_path: Path
) -> None:
    photo = located_jpeg()
    async with FakeTelegram(token=TOKEN) as telegram, running() as discord_:
        telegram.files |= {"a": photo, "png": authored_png(), "broken": BROKEN}
        async with bunri(before, telegram, discord_, own_weights, tmp_path) as page:
            await discord_.connected()
            await use_telegram(telegram)
            await use_discord(discord_, photo)
            session = await use_page(page, photo)
            during = files_in(tmp_path)
        after = files_in(tmp_path)
    assert b"telegram is ready" in after["said"]
    assert b"discord is ready" in after["said"]
    assert {"bunri.db", "bunri.db-wal"} <= set(during)
    if not before:
        kept = {name: content for name, content in after.items() if name.startswith(("vault", "bunri.db"))}
        assert [name for name in kept if name.startswith("vault")], "a photo was kept with consent"
        # Looked for as they are alone: words as short as these stand in anything long, once it is spelt in base64.
        marks = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\xff\xd8\xff\xe1", b"Exif\0\0")
        assert [(name, mark) for name, content in kept.items() for mark in marks if mark in content] == []
    planted = metadata() | {
        "the token": TOKEN.encode(),
        "the token's secret half": TOKEN.partition(":")[2].encode(),
        "Discord's token": DISCORD_TOKEN.encode(),
        "the secret": SECRET.encode(),
        "a name": NAME.encode(),
        "a name in Discord": b"alice-of-the-tests",
        "another name in Discord": b"bob-of-the-tests",
        "a number": str(PERSON_ID).encode(),
        "a group's number": str(-GROUP_ID).encode(),
        "a number in Discord": str(ALICE).encode(),
        "another number in Discord": str(BOB).encode(),
        "a group's title": TITLE.encode(),
        "a caption": CAPTION.encode(),
        "words": WORDS.encode(),
        "a report": REPORT.encode(),
        "a file's name": FILE.encode(),
        "bytes of a broken photo": BROKEN[4:],
        "bytes of a photo": photo[-300:-200],
        "an address": ADDRESS.encode(),
        "a browser": BROWSER.encode(),
        "a session": session.encode(),
    }
    assert leaks({f"{name} (running)": content for name, content in during.items()}, planted) == []
    assert leaks(after, planted) == []
