"""The pictures of the README: real pages, with drawings for photos and answers chosen to show each kind of card.

``BUNRI_SCREENSHOTS=docs/images pytest tests/e2e/test_screenshots.py`` writes them where the README shows them
(``make screenshots``); without it they go to a temporary folder, and the test sees to it that they can be made.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page

from inference.answer import Classification, Decision, Hazard
from inference.labels import Label
from tests.e2e.conftest import Stage
from tests.e2e.photos import file
from tests.scripted_inference import verdict

pytestmark = pytest.mark.asyncio(loop_scope="session")

DRAWINGS = Path(__file__).parent / "drawings"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1040, "height": 900}, "device_scale_factor": 1.5}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}

ANSWERS: dict[str, Classification] = {
    "bottle": verdict(Label.PLASTIC, 0.97, candidates=(Label.PLASTIC, Label.WHITE_GLASS, Label.METAL)),
    "batteries": verdict(
        Label.BATTERY,
        0.96,
        candidates=(Label.BATTERY, Label.METAL, Label.TRASH),
        hazards=(Hazard.BATTERY,),
    ),
    "can": verdict(
        Label.METAL,
        0.58,
        decision=Decision.ASK,
        candidates=(Label.METAL, Label.BROWN_GLASS, Label.PLASTIC),
    ),
}

Draw = Callable[[str], Awaitable[bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    wanted = os.environ.get("BUNRI_SCREENSHOTS")
    chosen = Path(wanted) if wanted else tmp_path
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def draw(browser: Browser) -> Draw:
    """A drawing as a JPEG, painted by Chromium."""
    painted: dict[str, bytes] = {}

    async def paint(name: str) -> bytes:
        if name not in painted:
            page = await browser.new_page(viewport={"width": 800, "height": 800})
            await page.goto((DRAWINGS / f"{name}.svg").as_uri())
            painted[name] = await page.screenshot(type="jpeg", quality=90)
            await page.close()
        return painted[name]

    return paint


async def ask(stage: Stage, page: Page, draw: Draw, *names: str) -> None:
    photos = [await draw(name) for name in names]
    stage.inference.answers = dict(zip(photos, (ANSWERS[name] for name in names), strict=True))
    await page.locator("#files").set_input_files([file(photo) for photo in photos])
    await page.locator(".card[data-kind]").nth(len(names) - 1).wait_for()
    await page.locator(".card .thumb").last.evaluate("each => each.decode()")


async def shoot(page: Page, path: Path, *, top: str = "html") -> None:
    """The window, with ``top`` near its upper edge; a blank picture is a failure."""
    scroll = "each => window.scrollTo({ top: each.getBoundingClientRect().top + scrollY - 24, behavior: 'instant' })"
    await page.locator(top).first.evaluate(scroll)
    await page.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        colours = picture.convert("RGB").getcolors(1 << 24) or ()
    assert len(colours) > 100


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_pictures_of_a_desktop_in_the_light(stage: Stage, draw: Draw, folder: Path, language: str) -> None:
    page = await stage.open(locale=language, color_scheme="light", reduced_motion="reduce", **DESKTOP)
    await shoot(page, folder / f"desktop-start-{language}.png")
    await ask(stage, page, draw, "bottle")
    await shoot(page, folder / f"desktop-answer-{language}.png", top=".card")


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_pictures_of_a_phone_in_the_dark(stage: Stage, draw: Draw, folder: Path, language: str) -> None:
    page = await stage.open(locale=language, color_scheme="dark", reduced_motion="reduce", **PHONE)
    await ask(stage, page, draw, "can", "batteries")
    await shoot(page, folder / f"phone-question-{language}.png", top=".card")
    await shoot(page, folder / f"phone-battery-{language}.png", top=".card + .card")
