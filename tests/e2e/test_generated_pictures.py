"""Pictures in a real browser: examples, pictures on demand, saved with their marks, shared, and kinds nobody knows."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, expect

from bots.web import WebOptions
from bunri.settings import InferenceSettings
from bunri.wiring import open_inference
from inference.marking import SOURCE_TYPE
from tests.e2e.conftest import Watched
from tests.generator_fixture import generating_weights, packed_generator
from tests.scripted_inference import ScriptedInference
from tests.web_site import running_site

pytestmark = pytest.mark.asyncio(loop_scope="session")

__all__ = ["generating_weights", "packed_generator"]

_AT_ONCE = WebOptions(gallery_after_seconds=0)
_PATIENCE_MS = 60_000


@pytest_asyncio.fixture(loop_scope="session")
async def url(generating_weights: Path) -> AsyncIterator[str]:
    settings = InferenceSettings(weights=generating_weights, backend="openvino", candidates=2)
    async with running_site(await open_inference(settings), _AT_ONCE) as found:
        yield found


@asynccontextmanager
async def visited(browser: Browser, url: str, *, locale: str = "en-US", query: str = "") -> AsyncIterator[Page]:
    """The page, ready; it complains of nothing and asks nobody but its own server."""
    context = await browser.new_context(locale=locale)
    watched = Watched()
    watched.follow(context)
    page = await context.new_page()
    await page.goto(f"{url}{query}")
    await page.locator("html[data-ready]").wait_for()
    yield page
    await context.close()
    assert watched.complaints == []
    assert [each for each in watched.requests if not each.startswith((url, "blob:"))] == []


async def saved(page: Page, place: int, words: str, file: Path) -> tuple[str, bytes]:
    """The name and the bytes of a picture saved with its button."""
    async with page.expect_download() as download:
        await page.locator(".picture").nth(place).get_by_role("link", name=words).click()
    found = await download.value
    await found.save_as(file)
    return found.suggested_filename, await asyncio.to_thread(file.read_bytes)


async def test_a_kind_is_pressed_and_four_marked_pictures_can_be_saved(
    browser: Browser, url: str, tmp_path: Path
) -> None:
    async with visited(browser, url) as page:
        await page.get_by_role("tab", name="Pictures").click()
        await expect(page.locator("#panel-generate .kinds button")).to_have_count(12)
        await page.get_by_role("button", name="Brown glass").click()
        pictures = page.locator(".picture")
        await expect(pictures).to_have_count(4, timeout=_PATIENCE_MS)
        assert "AI-generated picture: Brown glass" in (
            await pictures.first.get_by_role("img").get_attribute("alt") or ""
        )
        name, png = await saved(page, 1, "Save", tmp_path / "saved.png")
        assert name.startswith("brown-glass-")
        image = Image.open(io.BytesIO(png))
        assert SOURCE_TYPE in image.info["XML:com.adobe.xmp"]
        assert "AI-generated picture: brown-glass" in image.info["Comment"]
        await page.get_by_role("button", name="One more").click()
        await expect(pictures).to_have_count(5, timeout=_PATIENCE_MS)


async def test_the_link_to_a_picture_shows_somebody_else_the_same_one(
    browser: Browser, url: str, tmp_path: Path
) -> None:
    async with visited(browser, url) as page:
        await page.locator("#words-box").fill("/generate shoes 2 77")
        await page.keyboard.press("Enter")
        await expect(page.locator(".picture")).to_have_count(2, timeout=_PATIENCE_MS)
        link = page.locator(".picture").nth(1).get_by_role("link", name="Link to it")
        address = await link.get_attribute("href") or ""
        _, mine = await saved(page, 1, "Save", tmp_path / "mine.png")
    assert address == f"{url}?generate=shoes&seed=78"
    async with visited(browser, url, locale="ko-KR", query=address.removeprefix(url)) as page:
        picture = page.locator(".picture img")
        await expect(picture).to_have_attribute("alt", "AI 생성 그림: 신발 (번호 78)", timeout=_PATIENCE_MS)
        await expect(page.locator(".picture figcaption")).to_contain_text("번호 78")
        assert "generate=" not in page.url, "a reload asks for nothing again"
        name, theirs = await saved(page, 0, "저장하기", tmp_path / "theirs.png")
    assert name == "shoes-78.png"
    assert theirs == mine


async def test_the_tab_shows_an_example_of_each_kind_and_a_key_asks_for_more(browser: Browser, url: str) -> None:
    async with visited(browser, url) as page:
        await page.get_by_role("tab", name="Pictures").click()
        examples = page.locator(".kinds img")
        await expect(examples).to_have_count(12, timeout=_PATIENCE_MS)
        await expect(page.locator("#gallery-note")).to_be_visible()
        await expect(page.locator("#gallery-note")).to_contain_text("made by AI")
        await page.wait_for_function(
            "[...document.querySelectorAll('.kinds img')].every((each) => each.naturalWidth === 512)"
        )
        button = page.get_by_role("button", name="Paper AI-generated")
        await page.get_by_role("link", name="한국어").click()
        await expect(page.locator("#gallery-note")).to_contain_text("이 서버의 AI가 그린")
        await page.get_by_role("link", name="English").click()
        await button.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".picture")).to_have_count(4, timeout=_PATIENCE_MS)
        await expect(page.locator(".picture figcaption").first).to_contain_text("AI-generated picture: Paper")


async def test_without_a_generator_there_are_no_examples_and_the_kinds_stay(browser: Browser) -> None:
    async with running_site(ScriptedInference(), _AT_ONCE) as url, visited(browser, url) as page:
        async with page.expect_response("**/api/gallery") as answer:
            await page.get_by_role("tab", name="Pictures").click()
        assert await (await answer.value).json() == {"pictures": [], "is_coming": False}
        await expect(page.locator(".kinds button")).to_have_count(12)
        await expect(page.locator("#gallery-note")).to_be_hidden()
        await expect(page.locator(".kinds img")).to_have_count(0)


async def test_a_kind_that_nobody_knows_is_answered_with_all_of_them_to_press(browser: Browser, url: str) -> None:
    async with visited(browser, url) as page:
        await page.locator("#words-box").fill("/generate rainbow")
        await page.keyboard.press("Enter")
        group = page.get_by_role("group", name="A picture of what?")
        await expect(group.get_by_role("button")).to_have_count(12)
        await group.get_by_role("button", name="Shoes").click()
        await expect(page.locator(".picture")).to_have_count(1, timeout=_PATIENCE_MS)
        await expect(page.locator(".picture figcaption")).to_contain_text("AI-generated picture: Shoes")
