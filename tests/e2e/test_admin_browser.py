"""The admin page in Chromium: a sitting with the keyboard alone, and the page on a phone, in Korean, in the dark."""

import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from db.database import Database
from db.vault import PhotoVault
from tests.admin_site import ANNAS_TOKEN, BORAS_TOKEN, running_admin
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA
from tests.e2e.conftest import Watched
from tests.e2e.test_accessibility import HEADINGS, LOW_CONTRAST, NAMELESS, PHONE
from tests.kept_photos import keep, open_vault
from tests.web_site import house

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A box to tick is as large as the label that it stands in.
SMALL_TARGETS = """() => [...document.querySelectorAll("button, a[href], summary, select, input")]
  .filter((each) => each.checkVisibility() && !each.matches(".skip"))
  .filter((each) => {
    const box = (each.closest(".tick") ?? each).getBoundingClientRect();
    return box.height < 40 || box.width < 40;
  })
  .map((each) => each.outerHTML)"""


@dataclass
class Office:
    """A served admin page, what is behind it, and the photos in it."""

    url: str
    browser: Browser
    database: Database
    vault: PhotoVault
    watched: Watched
    stack: AsyncExitStack

    async def open(self, **context: Any) -> Page:
        """The page in a fresh context, ready."""
        fresh = await self.browser.new_context(**{"locale": "en-US", **context})
        self.stack.push_async_callback(fresh.close)
        self.watched.follow(fresh)
        page = await fresh.new_page()
        await page.goto(f"{self.url}admin")
        await page.locator("html[data-ready]").wait_for()
        return page


async def sign_in(page: Page, token: str) -> None:
    await page.locator("#token").fill(token)
    await page.locator("#login-form button").click()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("admin")
    async with house(folder) as (database, _):
        assert database.secret.fingerprint == SECRET.fingerprint
        vault = open_vault(database, folder / "vault")
        async with running_admin(database, folder) as url, AsyncExitStack() as stack:
            office = Office(url, browser, database, vault, Watched(), stack)
            yield office
    refusals = [each for each in office.watched.complaints if "the server responded with a status of 4" not in each]
    assert refusals == []
    assert [each for each in office.watched.requests if not each.startswith((url, "blob:", "data:"))] == []


async def test_a_sitting_with_the_keyboard(office: Office, tmp_path: Path) -> None:
    database, vault = office.database, office.vault
    one = await keep(database, vault, 1, label="paper", margin=0.0, verdict="wrong", says="cardboard")
    two = await keep(database, vault, 2, label="shoes", margin=0.3)
    three = await keep(database, vault, 3, label="metal", margin=0.6)
    gone = await keep(database, vault, 4, label="clothes", margin=0.9, user_key=BORA)
    page = await office.open()
    await expect(page.locator("#work")).to_be_hidden()
    await sign_in(page, "somebody's guess")
    await expect(page.locator("#login-problem")).to_have_text("That is nobody’s token.")
    await sign_in(page, ANNAS_TOKEN)
    tiles = page.locator(".tile")
    await expect(tiles).to_have_count(4)
    order = [await each.get_attribute("data-id") for each in await tiles.all()]
    assert set(order) == {one, two, three, gone}

    def tile(photo: str) -> Any:
        return page.locator(f'.tile[data-id="{photo}"]')

    async def go_to(photo: str) -> None:
        """With the arrow keys, from wherever we are."""
        await page.keyboard.press("Home")
        for _ in range(order.index(photo)):
            await page.keyboard.press("ArrowRight")
        await expect(tile(photo)).to_be_focused()

    await expect(tile(order[0] or "")).to_be_focused()
    await expect(tile(one).locator(".guess")).to_have_text("Model: Paper, 50 %")
    await expect(tile(one).locator(".resident")).to_have_text("Resident: Cardboard")
    await page.wait_for_function("[...document.querySelectorAll('.tile img')].every((each) => each.naturalWidth > 0)")

    await go_to(one)
    await page.keyboard.press("4")
    await expect(tile(one).locator(".known")).to_have_text("Label: Cardboard")
    await go_to(two)
    await page.keyboard.press("Enter")
    await expect(tile(two).locator(".known")).to_have_text("Label: Shoes")
    await page.keyboard.press("Home")
    await page.keyboard.press("u")
    await expect(tile(two).locator(".known")).to_have_text("")
    await expect(tile(two)).to_be_focused()
    await page.keyboard.press("q")
    await expect(tile(two).locator(".known")).to_have_text("Label: General waste")
    await go_to(three)
    await page.keyboard.press("x")
    await expect(page.locator("#reject")).to_be_visible()
    await page.keyboard.press("3")
    await expect(tile(three).locator(".known")).to_have_text("Not used: A person, an address, a name")
    await vault.delete_of(BORA)
    await go_to(gone)
    await page.keyboard.press(" ")
    await expect(tile(gone).locator(".known")).to_have_text("Skipped")
    await go_to(gone)
    await page.keyboard.press("w")
    await expect(page.locator("#queue-problem")).to_contain_text("had it deleted")
    await expect(tile(gone).locator(".known")).to_have_text("Skipped")
    await go_to(one)
    await page.keyboard.press("z")
    await expect(page.locator("#large-photo img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(tile(one)).to_be_focused()

    labels = {photo: [each.label for each in await database.labels.of(photo)] for photo in (one, two, three)}
    assert labels == {one: ["cardboard"], two: ["shoes", "trash"], three: [None]}
    for name, count in (("kept", 3), ("labelled", 2), ("rejected", 1), ("left", 0)):
        # The figures are counted anew every 15 seconds at most.
        await expect(page.locator(f'[data-count="{name}"] strong')).to_have_text(str(count), timeout=60_000)
    await expect(page.locator('#targets [data-label="trash"]')).to_contain_text("1 of 1000")
    await expect(page.locator("#precision tr")).to_have_count(2)

    await page.locator("#filters summary").click()
    await page.locator("[name=unlabelled]").uncheck()
    await page.locator("#filter-form [name=label]").select_option("trash")
    await page.locator("#filter-form button").click()
    await expect(tiles).to_have_count(1)
    await expect(tile(two)).to_be_visible()
    await tile(two).press("u")
    await expect(page.locator("#announcer")).to_have_text("Taken back.")
    assert [each.withdrawn_at is not None for each in await database.labels.of(three)] == [True], "asked for or not"

    async def busy(route: Route) -> None:
        await route.fulfill(status=503, json={"error": "busy", "message": "Come back later."})

    await page.route("**/admin/photos/**", busy)
    await page.locator("#filter-form button").click()
    await expect(tile(two).locator(".no-photo")).to_have_text("Come back later.")
    await page.unroute("**/admin/photos/**")
    office.watched.complaints[:] = [each for each in office.watched.complaints if "status of 503" not in each]

    await page.locator("[name=reason]").fill("no")
    await page.locator("#export-form button").click()
    await expect(page.locator("#export-problem")).to_contain_text("5 to 500 characters")
    await page.locator("[name=reason]").fill("labels of this week")
    async with page.expect_download() as waiting:
        await page.locator("#export-form button").click()
    download = await waiting.value
    await download.save_as(tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert [name for name in archive.namelist() if name.endswith(".jpg")] == [f"bunri-export/images/{two}.jpg"]
        assert json.loads(archive.read("bunri-export/labelstudio_tasks.json"))[0]["data"]["item_id"] == two

    await page.locator("#logout").click()
    await expect(page.locator("#login")).to_be_visible()
    await expect(tiles).to_have_count(0)
    await page.reload()
    await page.locator("html[data-ready]").wait_for()
    await expect(page.locator("#work")).to_be_hidden()
    answer = await page.request.get(f"{office.url}admin/photos/{one}")
    assert answer.status == 403
    actions = [each.action for each in await database.audit.newest()]
    assert {"admin-login", "admin-refused", "import", "export", "admin-logout"} == set(actions)


@pytest.mark.parametrize(("locale", "scheme"), [("ko-KR", "light"), ("en-US", "dark")])
async def test_a_phone_shows_everything_to_everybody(office: Office, locale: str, scheme: Any) -> None:
    await keep(
        office.database, office.vault, 10 if scheme == "light" else 11, user_key=ANNA, verdict="wrong", says="metal"
    )
    page = await office.open(locale=locale, color_scheme=scheme, **PHONE)
    assert await page.evaluate(SMALL_TARGETS) == []
    await sign_in(page, BORAS_TOKEN)
    tile = page.locator(".tile").first
    await tile.tap()
    await page.locator('#labels [data-label="metal"]').tap()
    await expect(tile.locator(".known")).not_to_have_text("")
    await expect(page.locator("#export-form")).to_be_hidden()
    await expect(page.locator("#export-denied")).to_be_visible()
    await page.locator("#filters summary").tap()
    await page.locator("#precision tr").first.wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    assert await page.evaluate(SMALL_TARGETS) == []
    checked, found = await page.evaluate(LOW_CONTRAST)
    assert checked > 50
    assert found == []
    assert await page.evaluate(NAMELESS) == []
    levels = await page.evaluate(HEADINGS)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(set(ids)) == len(ids)
    await page.locator("[data-act=reject]").tap()
    await page.locator('[data-why="not_waste"]').tap()
    await expect(page.locator("#reject")).to_be_hidden()
