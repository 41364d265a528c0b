"""What a resident sends, and what an operator keeps secret, is in no log and not in the database."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bunri.settings import PROJECT_ROOT
from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.updates import Person, Script

TOKEN = "777000111:LEAKleakLEAKleakLEAKleakLEAKleakLEA"
NAME = "Distinctivename"
CAPTION = "a caption that nobody else would write"
CAMERA = "Distinctive Camera 9000"
PERSON_ID = 8_765_432_109

RUN = "from bunri.cli import main; main(['telegram'])"
RUN_WITH_A_FAULT = f"""
from inference.engine import LocalInference
async def classify(self, image):
    raise RuntimeError('a fault of ours')
LocalInference.classify = classify
{RUN}
"""


def photo() -> bytes:
    """A photo that says where it was taken, and with what."""
    picture = Image.effect_noise((160, 120), 80).convert("RGB")
    exif = Image.Exif()
    exif[0x0110] = CAMERA
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 58.765)
    content = BytesIO()
    picture.save(content, "JPEG", exif=exif)
    return content.getvalue()


@asynccontextmanager
async def bunri(code: str, telegram: FakeTelegram, weights: Path, folder: Path) -> AsyncIterator[None]:
    """The bot in a process of its own; what it says is in ``folder/said``. Stopped as a supervisor stops it."""
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(PROJECT_ROOT),
        "BUNRI_INFERENCE__WEIGHTS": str(weights),
        "BUNRI_INFERENCE__BACKEND": "openvino",
        "BUNRI_TELEGRAM__TOKEN": TOKEN,
        "BUNRI_TELEGRAM__BASE_URL": telegram.base_url,
        "BUNRI_TELEGRAM__BASE_FILE_URL": telegram.base_file_url,
        "BUNRI_DATABASE__URL": f"sqlite:///{folder / 'bunri.db'}",
        "BUNRI_DATABASE__SECRET_FILE": str(folder / "secret.key"),
        "BUNRI_LOG__LEVEL": "DEBUG",
    }
    with (folder / "said").open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, env=surroundings, cwd=folder, stdout=said, stderr=said
        )
        try:
            yield
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def everything_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@pytest.mark.parametrize("code", [RUN, RUN_WITH_A_FAULT], ids=["all is well", "inference fails"])
async def test_logs_and_database_hold_nothing_of_a_resident_or_the_token(
    code: str, own_weights: Path, tmp_path: Path
) -> None:
    content = photo()
    assert CAMERA.encode() in content
    script, person = Script(), Person(id=PERSON_ID, first_name=NAME)
    async with FakeTelegram(token=TOKEN) as telegram:
        telegram.files["a"] = content
        async with bunri(code, telegram, own_weights, tmp_path):
            telegram.feed(script.text(person, "/start"))
            await telegram.until(lambda: telegram.sent, 60)
            before = len(telegram.sent)
            telegram.feed(script.photo(person, "a", caption=CAPTION))
            await telegram.until(lambda: len(telegram.sent) > before, 60)
            during = everything_in(tmp_path)
        after = everything_in(tmp_path)
    assert b"telegram is ready" in after["said"]
    assert "bunri.db" in during
    wanted = {
        "the token": TOKEN.encode(),
        "the token's secret half": TOKEN.partition(":")[2].encode(),
        "the name": NAME.encode(),
        "the number": str(PERSON_ID).encode(),
        "the caption": CAPTION.encode(),
        "the camera": CAMERA.encode(),
        "the photo": content[-200:-100],
    }
    found = [
        f"{what} in {file}"
        for files in (during, after)
        for file, held in files.items()
        for what, secret in wanted.items()
        if secret in held
    ]
    assert found == []
