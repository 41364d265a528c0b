"""The camera tab in a real browser: a fake camera that works, is refused, is absent, or is blocked."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.e2e.conftest import CAMERA_SIZE, Launch, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def camera_tab(page: Page) -> None:
    await page.get_by_role("tab", name="Camera").click()
    await page.get_by_role("button", name="Turn on camera").click()


async def camera_on(page: Page) -> None:
    await camera_tab(page)
    await expect(page.get_by_role("button", name="Take photo")).to_be_visible()


async def test_a_photo_taken_with_the_camera_is_answered(stage: Stage) -> None:
    page = await stage.open(permissions=["camera"])
    await camera_on(page)
    await expect(page.get_by_role("button", name="Take photo")).to_be_focused()
    await page.get_by_role("button", name="Take photo").click()
    await expect(page.locator(".card .headline").first).to_have_text("Plastic")
    taken = Image.open(BytesIO(stage.inference.seen[0]))
    assert (taken.format, taken.size) == ("JPEG", CAMERA_SIZE)
    contrast = np.ptp(np.asarray(taken.convert("L"), dtype=np.int16))
    assert contrast > 80, "the film's bar is in the picture, so it is no blank frame"


async def test_the_camera_is_off_until_asked_for_and_again_when_its_tab_is_left(stage: Stage) -> None:
    page = await stage.open(permissions=["camera"])
    await page.get_by_role("tab", name="Camera").click()
    assert await page.evaluate("document.querySelector('#view').srcObject") is None
    await page.get_by_role("button", name="Turn on camera").click()
    await expect(page.get_by_role("button", name="Take photo")).to_be_visible()
    track = await page.evaluate_handle("document.querySelector('#view').srcObject.getTracks()[0]")
    assert await track.evaluate("track => track.readyState") == "live"
    await page.get_by_role("tab", name="Photo", exact=True).click()
    assert await track.evaluate("track => track.readyState") == "ended"


async def test_the_camera_can_be_turned_off_by_hand(stage: Stage) -> None:
    page = await stage.open(permissions=["camera"])
    await camera_on(page)
    await page.get_by_role("button", name="Turn off").click()
    await expect(page.get_by_role("button", name="Turn on camera")).to_be_focused()
    assert await page.evaluate("document.querySelector('#view').srcObject") is None


async def test_with_two_cameras_one_can_switch_between_them(stage: Stage, launch: Launch) -> None:
    two = "--use-fake-device-for-media-stream=device-count=2"
    browser = await launch("--use-fake-ui-for-media-stream", two)
    page = await stage.open(browser=browser, permissions=["camera"])
    await camera_on(page)
    current = "document.querySelector('#view').srcObject?.getVideoTracks()[0].getSettings().deviceId"
    first = await page.evaluate(current)
    await page.get_by_role("button", name="Switch camera").click()
    await expect(page.get_by_role("button", name="Take photo")).to_be_visible()
    second = await page.evaluate(current)
    assert second
    assert second != first
    await page.get_by_role("button", name="Switch camera").click()
    await expect(page.get_by_role("button", name="Take photo")).to_be_visible()
    assert await page.evaluate(current) == first


async def test_with_one_camera_there_is_nothing_to_switch(stage: Stage) -> None:
    page = await stage.open(permissions=["camera"])
    await camera_on(page)
    await expect(page.get_by_role("button", name="Switch camera")).to_be_hidden()


async def test_a_refused_camera_is_explained_and_photos_still_work(stage: Stage, launch: Launch) -> None:
    # Without the fake permission dialog, headless Chromium refuses what was not granted.
    browser = await launch("--use-fake-device-for-media-stream")
    page = await stage.open(browser=browser)
    await camera_tab(page)
    await expect(page.get_by_role("alert")).to_contain_text("This page may not use the camera.")
    await expect(page.get_by_role("button", name="Turn on camera")).to_be_visible()
    await page.get_by_role("link", name="한국어").click()
    await expect(page.get_by_role("alert")).to_contain_text("카메라를 쓸 수 없게 되어 있어요.")


async def test_an_absent_camera_is_explained(stage: Stage, launch: Launch) -> None:
    browser = await launch("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=0")
    page = await stage.open(browser=browser, permissions=["camera"])
    await camera_tab(page)
    await expect(page.get_by_role("alert")).to_contain_text("This device has no camera that I can find.")


async def test_on_an_unencrypted_address_the_camera_names_the_reason(stage: Stage, launch: Launch) -> None:
    browser = await launch("--host-resolver-rules=MAP bunri.test 127.0.0.1")
    elsewhere = stage.url.replace("127.0.0.1", "bunri.test")
    stage.url = elsewhere
    page = await stage.open(browser=browser)
    await camera_tab(page)
    await expect(page.get_by_role("alert")).to_contain_text("Your browser blocks the camera at this address.")
    # Chromium remarks that headers for secure pages do nothing on an unencrypted one.
    notes = [each for each in stage.watched.complaints if "untrustworthy" not in each]
    assert notes == []
    stage.watched.complaints.clear()
