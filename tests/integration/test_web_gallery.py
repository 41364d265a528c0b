"""The example pictures over HTTP."""

import asyncio
import io
from pathlib import Path

import aiohttp
from PIL import Image

from bots.web import WebOptions
from inference.fingerprint import MOST_DIFFERENT, MOST_OFF
from inference.labels import LABELS, Label
from inference.marking import SOURCE_TYPE
from tests.scripted_inference import ScriptedInference, made_picture
from tests.web_site import house, running_site

_AT_ONCE = WebOptions(gallery_after_seconds=0)


async def _gallery(http: aiohttp.ClientSession, url: str) -> dict[str, list[dict[str, str]]]:
    while True:
        async with http.get(f"{url}api/gallery") as answer:
            assert answer.status == 200
            found: dict[str, list[dict[str, str]]] = await answer.json()
        if not found["is_coming"]:
            return found
        await asyncio.sleep(0.05)


async def test_each_label_has_a_marked_picture_that_browsers_keep(tmp_path: Path) -> None:
    inference = ScriptedInference(makes_pictures=True)
    async with house(tmp_path) as (database, _), running_site(inference, _AT_ONCE, memory=database) as url:
        async with aiohttp.ClientSession() as http:
            pictures = (await _gallery(http, url))["pictures"]
            assert [each["label"] for each in pictures] == list(LABELS)
            async with http.get(f"{url[:-1]}{pictures[0]['url']}") as answer:
                assert (answer.status, answer.content_type) == (200, "image/png")
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                etag, png = answer.headers["ETag"], await answer.read()
            assert SOURCE_TYPE in Image.open(io.BytesIO(png)).info["XML:com.adobe.xmp"]
            async with http.get(f"{url[:-1]}{pictures[0]['url']}", headers={"If-None-Match": etag}) as again:
                assert again.status == 304
            for name in ("paper-2.png", "..%2f..%2fREADME.md", "paper"):
                async with http.get(f"{url}gallery/{name}") as missing:
                    assert missing.status == 404
        known_by = made_picture(Label.PAPER, 1).fingerprint
        assert await database.generated.holds(known_by, MOST_DIFFERENT, MOST_OFF), "sent back, it is known"


async def test_without_a_generator_there_is_none() -> None:
    async with running_site(ScriptedInference(), _AT_ONCE) as url, aiohttp.ClientSession() as http:
        assert (await _gallery(http, url))["pictures"] == []


async def test_a_page_that_stops_gives_its_pictures_up() -> None:
    inference = ScriptedInference(makes_pictures=True)
    options = WebOptions(gallery_after_seconds=3600)
    async with (
        running_site(inference, options) as url,
        aiohttp.ClientSession() as http,
        http.get(f"{url}api/gallery") as answer,
    ):
        assert await answer.json() == {"pictures": [], "is_coming": True}
    assert inference.made == []
    assert "gallery" not in {task.get_name() for task in asyncio.all_tasks()}
