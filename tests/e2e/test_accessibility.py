"""The page for those who use a keyboard, a screen reader, a small screen or a dark one."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import FileChooser, Page, expect

from inference.answer import Decision, Hazard
from inference.errors import DecodeError, DecodeProblem
from inference.labels import Label
from tests.e2e.conftest import PATIENCE, Stage
from tests.e2e.photos import file, jpeg
from tests.scripted_inference import Verdict, verdict

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}

# WCAG 2.2, 1.4.3: contrast of each visible text with what is behind it. 24 px, or 18.66 px bold, is large.
LOW_CONTRAST = """() => {
  const parse = (text) => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts[3] ?? 1 };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((each) => {
      const value = each / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const { rgb, alpha } = parse(getComputedStyle(each).backgroundColor);
      if (alpha === 1) return rgb;
      if (alpha > 0) throw new Error("half-transparent background: " + each.className);
    }
    return [255, 255, 255];
  };
  const found = [];
  let checked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest(".unseen, script, noscript")) continue;
    const style = getComputedStyle(element);
    const [one, two] = [parse(style.color).rgb, behind(element)].map(luminance);
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    checked += 1;
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${element.className} ${text}`);
  }
  return [checked, found];
}"""

# WCAG 2.2, 1.4.11: what shows that something is a control, and how full a bar is, against its surroundings.
CONTROL_CONTRAST = """() => {
  const channel = (each) => {
    const value = each / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map(Number).slice(0, 3).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, two) => {
    const [dark, light] = [luminance(one), luminance(two)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const style = (selector) => getComputedStyle(document.querySelector(selector));
  const card = style(".card").backgroundColor;
  return {
    button: ratio(style(".choices .choice").borderTopColor, card),
    region: ratio(style("#region").borderTopColor, style("body").backgroundColor),
    bar: ratio(style(".first .filled").backgroundColor, style(".first .bar").backgroundColor),
    runnerUp: ratio(style(".score:not(.first) .filled").backgroundColor, style(".bar").backgroundColor),
    focus: ratio(style("#choose").backgroundColor, card),
  };
}"""

NAMED = "a, button, select, input:not([aria-hidden]), img, video, [role=img], [role=group], details"
NAMELESS = f"""() => [...document.querySelectorAll("{NAMED}")]
  .filter((each) => each.checkVisibility())
  .filter((each) => !(each.ariaLabel || each.alt || (each.labels?.[0] ?? each).textContent.trim()))
  .map((each) => each.outerHTML)"""

SMALL_TARGETS = """() => [...document.querySelectorAll("button, a[href], summary, select, input:not([aria-hidden])")]
  .filter((each) => each.checkVisibility() && !each.closest("p, li") && !each.matches(".skip"))
  .map((each) => [each.textContent.trim(), each.getBoundingClientRect()])
  .filter(([, box]) => box.height < 40 || box.width < 40)
  .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""

HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter((each) => each.checkVisibility()).map((each) => Number(each.tagName[1]))"""


async def every_kind_of_card(stage: Stage, page: Page) -> None:
    """Fill the page with an answer, a hazard, a question, what is no waste, and a problem; all unfolded."""
    photos = [jpeg(colour) for colour in ("navy", "black", "grey", "pink", "red")]
    said: list[Verdict] = [
        verdict(Label.GREEN_GLASS, 0.8),
        verdict(Label.BATTERY, 0.97, hazards=(Hazard.BATTERY,)),
        verdict(Label.METAL, 0.5, decision=Decision.ASK, candidates=(Label.METAL, Label.TRASH)),
        verdict(Label.PAPER, 0.4, decision=Decision.NOT_WASTE),
        DecodeError(DecodeProblem.TRUNCATED),
    ]
    stage.inference.answers = dict(zip(photos, said, strict=True))
    await page.locator("#files").set_input_files([file(each) for each in photos])
    await page.locator(".card[data-kind]").nth(4).wait_for()
    await page.locator(".card[data-kind=ask] .choice").last.click()
    await page.locator(".followup .choice").first.wait_for()
    await page.locator(".condition-choices button").first.click()
    for fold in await page.locator("details").all():
        await fold.evaluate("each => { each.open = true; }")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_every_text_and_control_has_enough_contrast(stage: Stage, scheme: Any, locale: str) -> None:
    page = await stage.open(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    await every_kind_of_card(stage, page)
    checked, found = await page.evaluate(LOW_CONTRAST)
    assert checked > 150
    assert found == []
    ratios = await page.evaluate(CONTROL_CONTRAST)
    assert {name: ratio for name, ratio in ratios.items() if ratio < 3} == {}


async def test_dark_mode_is_dark_and_light_mode_is_light(stage: Stage) -> None:
    brightness = {}
    for scheme in ("light", "dark"):
        page = await stage.open(color_scheme=scheme)
        colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness[scheme] = sum(int(each) for each in colour.removeprefix("rgb(").strip(")").split(","))
    assert brightness["light"] > 600
    assert brightness["dark"] < 120


async def test_everything_has_a_name_and_headings_skip_no_level(stage: Stage) -> None:
    page = await stage.open()
    await every_kind_of_card(stage, page)
    assert await page.evaluate(NAMELESS) == []
    levels = await page.evaluate(HEADINGS)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_a_phone_shows_everything_without_scrolling_sideways(stage: Stage, locale: str) -> None:
    page = await stage.open(locale=locale, **PHONE)
    for tab in await page.get_by_role("tab").all():
        await tab.click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.get_by_role("tab").first.click()
    await every_kind_of_card(stage, page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    assert await page.evaluate(SMALL_TARGETS) == []


async def test_nothing_jumps_while_the_page_loads(stage: Stage) -> None:
    page = await stage.open_bare()
    await page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => {"
        " for (const each of list.getEntries()) window.shift += each.value;"
        "}).observe({ type: 'layout-shift', buffered: true });"
    )
    await page.goto(stage.url)
    await page.locator("html[data-ready]").wait_for()
    assert await page.evaluate("window.shift") < 0.01


async def test_the_tabs_are_walked_with_arrow_keys(stage: Stage) -> None:
    page = await stage.open()
    photo, camera, pictures = await page.get_by_role("tab").all()
    await photo.focus()
    for key, reached in (
        ("ArrowRight", camera),
        ("ArrowRight", pictures),
        ("ArrowRight", photo),
        ("ArrowLeft", pictures),
        ("Home", photo),
        ("End", pictures),
    ):
        await page.keyboard.press(key)
        await expect(reached).to_be_focused()
        await expect(reached).to_have_attribute("aria-selected", "true")
        await expect(page.get_by_role("tabpanel")).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("tabpanel")).to_be_focused()


async def test_the_whole_way_can_be_gone_with_the_keyboard_alone(stage: Stage) -> None:
    stage.inference.otherwise = verdict(Label.METAL, 0.5, decision=Decision.ASK, candidates=(Label.METAL, Label.TRASH))
    page = await stage.open()
    # Listening from the start: expect_file_chooser() may begin to listen only after the key was pressed.
    choosers: asyncio.Queue[FileChooser] = asyncio.Queue()
    page.on("filechooser", choosers.put_nowait)

    async def tab_to(name: str) -> None:
        """Press Tab until the element with this text is reached; each stop on the way must show its focus."""
        for _ in range(40):
            await page.keyboard.press("Tab")
            text, outline = await page.evaluate(
                "((at) => [at.textContent.trim(), getComputedStyle(at).outlineStyle])(document.activeElement)"
            )
            assert outline == "solid", text
            if text == name:
                return
        pytest.fail(f"{name} cannot be reached")

    await tab_to("Skip to the page")
    await page.keyboard.press("Enter")
    await tab_to("Photo")
    await tab_to("Choose photos")
    await page.keyboard.press("Enter")
    chooser = await asyncio.wait_for(choosers.get(), PATIENCE / 1000)
    await chooser.set_files([file(jpeg("grey"))])
    await expect(page.get_by_role("status")).to_contain_text("Which one is it closest to?")
    await tab_to("Clear all")
    await tab_to("Metal")
    await page.keyboard.press("Enter")
    await expect(page.locator(".followup .headline")).to_be_focused()
    await tab_to("Sources")
    await page.keyboard.press("Enter")
    await expect(page.locator("details.fold-sources ul")).to_be_visible()


async def test_results_are_announced_hazard_first(stage: Stage) -> None:
    stage.inference.otherwise = verdict(Label.BATTERY, 0.97, hazards=(Hazard.BATTERY,))
    page = await stage.open()
    await page.locator("#files").set_input_files([file(jpeg("black"))])
    await expect(page.get_by_role("status")).to_have_text(
        "Check this first: batteries can catch fire. Batteries. Almost certain"
    )
