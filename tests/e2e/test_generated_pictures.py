"""Pictures in a real browser: made by a real generator, shown, saved to the visitor's own disk with their marks."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, expect

from bunri.settings import InferenceSettings
from bunri.wiring import open_inference
from inference.marking import SOURCE_TYPE
from tests.generator_fixture import generating_weights, packed_generator
from tests.web_site import running_site

pytestmark = pytest.mark.asyncio(loop_scope="session")

__all__ = ["generating_weights", "packed_generator"]


@pytest_asyncio.fixture(loop_scope="session")
async def url(generating_weights: Path) -> AsyncIterator[str]:
    settings = InferenceSettings(weights=generating_weights, backend="openvino", candidates=2)
    async with running_site(await open_inference(settings)) as found:
        yield found


async def test_a_kind_is_pressed_and_four_marked_pictures_can_be_saved(
    browser: Browser, url: str, tmp_path: Path
) -> None:
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(url)
    await page.locator("html[data-ready]").wait_for()
    await page.get_by_role("tab", name="Pictures").click()
    await expect(page.locator("#panel-generate .kinds button")).to_have_count(12)
    await page.get_by_role("button", name="Brown glass").click()
    pictures = page.locator(".picture")
    await expect(pictures).to_have_count(4)
    assert "AI-generated picture: Brown glass" in (await pictures.first.get_by_role("img").get_attribute("alt") or "")
    async with page.expect_download() as saved:
        await pictures.nth(1).get_by_role("link", name="Save").click()
    download = await saved.value
    assert download.suggested_filename.startswith("brown-glass-")
    await download.save_as(tmp_path / "saved.png")
    image = Image.open(io.BytesIO((tmp_path / "saved.png").read_bytes()))
    assert SOURCE_TYPE in image.info["XML:com.adobe.xmp"]
    assert "AI-generated picture: brown-glass" in image.info["Comment"]
    await page.get_by_role("button", name="One more").click()
    await expect(pictures).to_have_count(5)
    assert problems == []
    await context.close()


async def test_the_address_of_a_picture_shows_it_again(browser: Browser, url: str) -> None:
    context = await browser.new_context(locale="ko-KR")
    page = await context.new_page()
    await page.goto(f"{url}?generate=shoes&seed=77")
    picture = page.locator(".picture img")
    await expect(picture).to_have_attribute("alt", "AI 생성 그림: 신발 (번호 77)")
    assert "generate=" not in page.url, "a reload asks for nothing again"
    await context.close()
