"""A real Chromium with a fake camera, and pages that watch what the browser complains about."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    async_playwright,
    expect,
)

from bots.web import WebOptions
from tests.scripted_inference import ScriptedInference
from tests.web_site import running_site

CHROMIUM = Path(os.environ.get("BUNRI_CHROMIUM", "/usr/bin/chromium"))

PATIENCE = 30_000
"""Milliseconds that a test waits for something to show: a busy machine is slow, and no test is about that."""

CAMERA_SIZE = (320, 240)

Launch = Callable[..., Awaitable[Browser]]


def write_camera_film(path: Path) -> None:
    """A film for the fake camera, in YUV4MPEG2 4:2:0: ten frames in which a bright bar moves on grey."""
    width, height = CAMERA_SIZE
    chroma = np.full((height // 2, width // 2), 128, dtype=np.uint8).tobytes()
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420mpeg2\n".encode())
        for frame in range(10):
            luma = np.full((height, width), 90, dtype=np.uint8)
            luma[:, frame * 30 : frame * 30 + 40] = 220
            film.write(b"FRAME\n" + luma.tobytes() + chroma * 2)


@pytest.fixture(scope="session")
def chromium() -> str:
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}; set BUNRI_CHROMIUM to where it is")
    return str(CHROMIUM)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def launch(chromium: str, playwright: Playwright) -> AsyncIterator[Launch]:
    """Starts a Chromium with these arguments; closed with the session."""
    async with AsyncExitStack() as stack:

        async def start(*arguments: str) -> Browser:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *arguments])
            stack.push_async_callback(browser.close)
            return browser

        yield start


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A Chromium with a fake camera that shows a film."""
    film = tmp_path_factory.mktemp("camera") / "film.y4m"
    write_camera_film(film)
    return await launch(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


@dataclass
class Watched:
    """What a browser context asked for and complained about."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@dataclass
class Stage:
    """A browser and a page that is served to it. ``inference`` decides what is answered."""

    browser: Browser
    url: str
    inference: ScriptedInference
    watched: Watched
    stack: AsyncExitStack

    async def open(self, *, browser: Browser | None = None, url: str | None = None, **context: Any) -> Page:
        """The page in a fresh context, ready to take photos."""
        page = await self.open_bare(browser=browser, **context)
        await page.goto(url or self.url)
        await page.locator("html[data-ready]").wait_for()
        return page

    async def open_bare(self, *, browser: Browser | None = None, **context: Any) -> Page:
        """An empty tab in a fresh context."""
        fresh = await (browser or self.browser).new_context(**{"locale": "en-US", **context})
        self.stack.push_async_callback(fresh.close)
        self.watched.follow(fresh)
        return await fresh.new_page()


SiteMaker = Callable[..., Awaitable[Stage]]


@pytest_asyncio.fixture(loop_scope="session")
async def make_stage(browser: Browser) -> AsyncIterator[SiteMaker]:
    """Makes stages. Afterwards no page may have complained, or have asked anybody but our own server."""
    stages: list[Stage] = []
    async with AsyncExitStack() as stack:

        async def make(options: WebOptions | None = None, **site: Any) -> Stage:
            inference = ScriptedInference()
            url = await stack.enter_async_context(running_site(inference, options, **site))
            stage = Stage(browser, url, inference, Watched(), stack)
            stages.append(stage)
            return stage

        yield make
    for stage in stages:
        assert stage.watched.complaints == []
        elsewhere = [each for each in stage.watched.requests if not each.startswith((stage.url, "blob:", "data:"))]
        assert elsewhere == []


@pytest_asyncio.fixture(loop_scope="session")
async def stage(make_stage: SiteMaker) -> Stage:
    """A stage with the shipped limits."""
    return await make_stage()
