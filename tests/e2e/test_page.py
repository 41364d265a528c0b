"""The page in a real browser: photos in by every way, answers, buttons, languages."""

import asyncio
import base64
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from bots.web import WebOptions
from inference.answer import Decision, Hazard
from inference.errors import DecodeError, DecodeProblem
from inference.labels import Label
from tests.e2e.conftest import Launch, SiteMaker, Stage
from tests.e2e.photos import file, jpeg, png
from tests.scripted_inference import verdict

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOUBT = verdict(
    Label.METAL,
    0.52,
    decision=Decision.ASK,
    candidates=(Label.METAL, Label.BATTERY, Label.PLASTIC),
    hazards=(Hazard.BATTERY,),
)

DROP = """async ([encoded, names]) => {
  const files = new DataTransfer();
  for (const [index, text] of encoded.entries()) {
    const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
    files.items.add(new File([bytes], names[index], { type: "image/jpeg" }));
  }
  const zone = document.querySelector("#drop");
  for (const type of ["dragenter", "dragover"]) {
    zone.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
  }
  const lit = zone.classList.contains("over");
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
  return [lit, zone.classList.contains("over")];
}"""

COPY = """async (text) => {
  const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const picture = new Blob([bytes], { type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


# Where the head of the page stands, in pixels of the page: choosing must not move what the finger aims at.
POSITIONS = """() => ["#region", ".languages", "h1"].map((each) => {
  const box = document.querySelector(each).getBoundingClientRect();
  return [Math.round(box.x), Math.round(box.y + scrollY), Math.round(box.right)];
}).flat()"""


async def choose(page: Page, *photos: bytes) -> None:
    await page.locator("#files").set_input_files([file(each) for each in photos])


async def headlines(page: Page, count: int) -> list[str]:
    await page.locator(".card[data-kind]").nth(count - 1).wait_for()
    return await page.locator(".card .top-row .headline").all_inner_texts()


async def region_names(page: Page) -> list[str]:
    return await page.locator("#region option").all_inner_texts()


async def test_a_chosen_photo_shows_its_picture_class_sureness_and_guide(stage: Stage) -> None:
    stage.inference.otherwise = verdict(Label.PAPER, 0.96)
    page = await stage.open()
    await expect(page.locator("#results")).to_be_hidden()
    await choose(page, jpeg("navy"))
    card = page.locator(".card")
    await expect(card.locator(".headline")).to_have_text("Paper")
    await expect(card.locator(".detail")).to_have_text("Almost certain")
    await expect(card.locator(".score.first .score-number")).to_have_text("96%")
    await expect(card.get_by_role("img", name="Your photo")).to_be_visible()
    await expect(card.locator(".stream strong")).to_contain_text("aper")
    await expect(card.locator(".steps li").first).to_be_visible()
    await expect(card.locator("details.fold-sources ul")).to_be_hidden()
    await card.get_by_text("Sources", exact=True).click()
    await expect(card.locator("details.fold-sources ul")).to_be_visible()
    assert len(stage.inference.seen) == 1


async def test_the_bar_is_as_long_as_the_probability(stage: Stage) -> None:
    stage.inference.otherwise = verdict(Label.PAPER, 0.6)
    page = await stage.open()
    await choose(page, jpeg("navy"))
    bar = await page.locator(".score.first .bar").bounding_box()
    filled = await page.locator(".score.first .filled").bounding_box()
    assert bar is not None
    assert filled is not None
    assert filled["width"] / bar["width"] == pytest.approx(0.6, abs=0.01)


async def test_several_photos_are_answered_in_order_and_a_bad_one_spoils_nothing(stage: Stage) -> None:
    first, second, third = jpeg("navy"), jpeg("red"), jpeg("green")
    stage.inference.answers = {
        first: verdict(Label.PAPER),
        second: DecodeError(DecodeProblem.UNSUPPORTED_FORMAT, found="pdf"),
        third: verdict(Label.SHOES),
    }
    page = await stage.open()
    await choose(page, first, second, third)
    assert await headlines(page, 3) == ["Paper", "I can’t read PDF files yet", "Shoes"]


async def test_newer_photos_stand_above_older_ones_and_all_can_be_cleared(stage: Stage) -> None:
    older, newer = jpeg("navy"), jpeg("red")
    stage.inference.answers = {older: verdict(Label.PAPER), newer: verdict(Label.SHOES)}
    page = await stage.open()
    await choose(page, older)
    await headlines(page, 1)
    await choose(page, newer)
    assert await headlines(page, 2) == ["Shoes", "Paper"]
    await page.get_by_role("button", name="Clear all").click()
    await expect(page.locator(".card")).to_have_count(0)
    await expect(page.locator("#results")).to_be_hidden()


async def test_photos_can_be_dropped_on_the_page(stage: Stage) -> None:
    page = await stage.open()
    photos = [jpeg("navy"), jpeg("red")]
    encoded = [base64.b64encode(each).decode() for each in photos]
    lit_while_over, lit_after = await page.evaluate(DROP, [encoded, ["a.jpg", "b.jpg"]])
    assert (lit_while_over, lit_after) == (True, False)
    await headlines(page, 2)
    assert sorted(stage.inference.seen) == sorted(photos)


async def test_a_copied_photo_can_be_pasted(stage: Stage) -> None:
    page = await stage.open(permissions=["clipboard-read", "clipboard-write"])
    await page.evaluate(COPY, base64.b64encode(png("navy")).decode())
    await page.keyboard.press("Control+V")
    await headlines(page, 1)
    assert Image.open(BytesIO(stage.inference.seen[0])).size == (640, 480)


async def test_pasting_text_asks_nothing(stage: Stage) -> None:
    page = await stage.open(permissions=["clipboard-read", "clipboard-write"])
    await page.evaluate("navigator.clipboard.writeText('paper')")
    await page.keyboard.press("Control+V")
    await expect(page.locator("#results")).to_be_hidden()


async def test_a_small_photo_travels_unchanged(stage: Stage) -> None:
    page = await stage.open()
    photo = jpeg("navy", (1999, 1500))
    await choose(page, photo)
    await headlines(page, 1)
    assert stage.inference.seen == [photo]


async def test_a_big_photo_is_made_smaller_and_stays_upright(stage: Stage) -> None:
    page = await stage.open()
    # Orientation 6: the camera was held upright, so that the stored 3000x1500 is shown as 1500x3000.
    await choose(page, jpeg("navy", (3000, 1500), orientation=6))
    await headlines(page, 1)
    sent = Image.open(BytesIO(stage.inference.seen[0]))
    assert sent.format == "JPEG"
    assert sent.size == (1000, 2000)
    assert not sent.getexif(), "whatever the camera wrote about place and time stayed in the browser"


async def test_a_photo_that_the_browser_cannot_draw_is_sent_as_it_is(stage: Stage) -> None:
    page = await stage.open()
    heic = b"\x00\x00\x00\x18ftypheic" + bytes(100)
    await page.locator("#files").set_input_files([file(heic, "photo.heic", "image/heic")])
    await headlines(page, 1)
    assert stage.inference.seen == [heic]
    await expect(page.get_by_role("img", name="No preview for this photo")).to_be_visible()


async def test_a_photo_over_the_limit_is_not_even_sent(make_stage: SiteMaker) -> None:
    stage = await make_stage(WebOptions(max_bytes=1_000_000))
    page = await stage.open()
    await page.locator("#files").set_input_files([file(bytes(1_000_001), "x.heic", "image/heic")])
    assert await headlines(page, 1) == ["This photo is too big"]
    await expect(page.locator(".card .detail")).to_contain_text("1 MB")
    assert stage.inference.seen == []


async def test_more_photos_than_allowed_are_left_out_in_words(make_stage: SiteMaker) -> None:
    stage = await make_stage(WebOptions(max_photos=2))
    page = await stage.open()
    await choose(page, jpeg("navy"), jpeg("red"), jpeg("green"))
    await headlines(page, 2)
    await expect(page.get_by_text("I can look at 2 photos at a time.")).to_be_visible()
    assert len(stage.inference.seen) == 2


async def test_the_hazard_comes_first_in_the_card(stage: Stage) -> None:
    stage.inference.otherwise = verdict(Label.BATTERY, 0.93, hazards=(Hazard.BATTERY,))
    page = await stage.open()
    await choose(page, jpeg("black"))
    await headlines(page, 1)
    text = await page.locator(".card").inner_text()
    assert text.index("batteries can catch fire") < text.index("Probably right")
    banner = await page.locator(".card .banner").bounding_box()
    headline = await page.locator(".card .headline").first.bounding_box()
    assert banner is not None
    assert headline is not None
    assert banner["y"] + banner["height"] <= headline["y"]


async def test_a_question_is_answered_by_a_button_and_its_guide_follows(stage: Stage) -> None:
    stage.inference.otherwise = DOUBT
    page = await stage.open()
    await choose(page, jpeg("grey"))
    group = page.get_by_role("group", name="Which one is it closest to?")
    choices = group.get_by_role("button")
    await expect(choices).to_have_text(["Metal", "Batteries", "Plastic", "None of these"])
    await expect(page.locator(".guide")).to_have_count(0)
    await group.get_by_role("button", name="Metal").click()
    await expect(page.locator(".followup .headline")).to_have_text("Metal")
    await expect(page.locator(".followup .headline")).to_be_focused()
    await expect(page.locator(".followup .steps")).to_be_visible()
    pressed = group.get_by_role("button", name="Metal")
    await expect(pressed).to_have_attribute("aria-pressed", "true")
    await group.get_by_role("button", name="Plastic").click()
    await expect(page.locator(".followup .headline")).to_have_text("Plastic")
    await expect(pressed).to_have_attribute("aria-pressed", "false")


async def test_none_of_these_leads_over_all_labels_to_a_guide(stage: Stage) -> None:
    stage.inference.otherwise = DOUBT
    page = await stage.open()
    await choose(page, jpeg("grey"))
    await page.get_by_role("button", name="None of these").click()
    labels = page.get_by_role("group", name="What kind of thing is it?")
    await expect(labels.get_by_role("button")).to_have_count(12)
    await expect(page.get_by_text("For a better answer")).to_be_visible()
    await labels.get_by_role("button", name="Shoes").click()
    await expect(page.locator(".followup .followup .headline")).to_have_text("Shoes")
    await expect(labels).to_be_visible()


async def test_what_is_not_waste_is_said_with_how_to_retake_it(stage: Stage) -> None:
    stage.inference.otherwise = verdict(Label.PAPER, 0.4, decision=Decision.NOT_WASTE)
    page = await stage.open()
    await choose(page, jpeg("pink"))
    assert await headlines(page, 1) == ["I can’t see anything to throw away"]
    await expect(page.get_by_text("For a better answer")).to_be_visible()
    await expect(page.locator(".score")).to_have_count(0)
    await page.get_by_role("button", name="Let me choose").click()
    await expect(page.get_by_role("group", name="What kind of thing is it?")).to_be_visible()


async def test_a_question_of_the_guide_shows_its_answer_when_pressed(stage: Stage) -> None:
    page = await stage.open()
    await choose(page, jpeg("blue"))
    await page.get_by_role("button", name="Clear drink bottle").click()
    await expect(page.locator(".condition-answer").first).to_contain_text("crush")
    await page.get_by_role("button", name="Foam").click()
    await expect(page.locator(".condition-answer").first).not_to_contain_text("crush")


async def test_a_switch_of_language_keeps_the_photos_and_is_remembered(stage: Stage) -> None:
    stage.inference.otherwise = DOUBT
    page = await stage.open()
    await choose(page, jpeg("grey"))
    await page.get_by_role("button", name="Metal").click()
    await expect(page.locator(".followup .headline")).to_have_text("Metal")
    await page.get_by_role("link", name="한국어").click()
    await expect(page.locator("html")).to_have_attribute("lang", "ko")
    await expect(page.locator(".top-row .headline")).to_have_text("무엇에 더 가까운가요?")
    await expect(page.locator(".followup .headline")).to_have_text("캔·고철")
    await expect(page.get_by_role("tab", name="카메라")).to_be_visible()
    await expect(page.get_by_role("img", name="보낸 사진")).to_be_visible()
    await expect(page).to_have_title("분리 — 이건 어떻게 버려요?")
    await expect(page.get_by_role("link", name="한국어")).to_have_attribute("aria-current", "true")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("이건 어떻게 버려요?")


async def test_on_a_phone_the_region_is_chosen_by_keyboard_and_remembered_and_nothing_moves(stage: Stage) -> None:
    stage.inference.otherwise = DOUBT
    page = await stage.open(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    region = page.get_by_role("combobox", name="Region")
    await expect(region).to_have_value("kr")
    assert await region_names(page) == ["South Korea", "Jungnang-gu, Seoul", "Elsewhere"]
    assert await region.locator("optgroup").get_attribute("label") == "South Korea"
    await choose(page, jpeg("grey"))
    await page.get_by_role("button", name="Batteries").click()
    badge = page.locator(".followup .place")
    await expect(badge).to_have_text("South Korea")
    await expect(page.locator(".place-note")).to_have_count(0)
    before = await page.evaluate(POSITIONS)

    await region.focus()
    for value, place in (("kr-jungnang", "Jungnang-gu, Seoul"), ("intl", "Anywhere (general advice)")):
        await page.keyboard.press("ArrowDown")
        await expect(region).to_have_value(value)
        await expect(badge).to_have_text(place)
        await expect(region).to_be_focused()
    await expect(page.locator(".place-note")).to_contain_text("Where your local rules differ, follow them.")

    await page.get_by_role("link", name="한국어").click()
    await expect(badge).to_have_text("해외 일반")
    await expect(page.get_by_role("combobox", name="지역")).to_have_value("intl")
    assert await region_names(page) == ["대한민국", "서울 중랑구", "그 밖의 나라"]
    assert await page.locator("#region optgroup").get_attribute("label") == "대한민국"
    assert await page.evaluate(POSITIONS) == before
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360

    await page.reload()
    await page.locator("html[data-ready]").wait_for()
    await expect(page.locator("#region")).to_have_value("intl")
    assert await page.evaluate(POSITIONS) == before


@pytest.mark.parametrize(("locale", "language"), [("ko-KR", "ko"), ("en-GB", "en"), ("fr-FR", "en")])
async def test_the_first_visit_speaks_the_browsers_language(stage: Stage, locale: str, language: str) -> None:
    page = await stage.open(locale=locale)
    await expect(page.locator("html")).to_have_attribute("lang", language)


async def test_the_place_for_pictures_offers_each_kind_and_says_honestly_where_none_can_be_made(stage: Stage) -> None:
    page = await stage.open()
    await page.get_by_role("tab", name="Pictures").click()
    await expect(page.locator("#panel-generate").get_by_role("button")).to_have_count(12)
    await page.get_by_role("button", name="Clothes").click()
    await expect(page.locator(".card .detail")).to_contain_text("There is no model for pictures here.")


async def test_without_javascript_the_page_says_what_it_needs(stage: Stage, launch: Launch) -> None:
    # Playwright's own switch leaves <noscript> unread; this one is what a visitor's setting does.
    browser = await launch("--blink-settings=scriptEnabled=false")
    page = await stage.open_bare(browser=browser)
    await page.goto(stage.url)
    message = page.locator("noscript .notice")
    assert "This page needs JavaScript" in await message.inner_text()
    assert await message.bounding_box()


async def test_a_visitor_who_hurries_is_told_to_wait_and_can_try_again(make_stage: SiteMaker) -> None:
    stage = await make_stage(WebOptions(requests_per_minute=1))
    page = await stage.open()
    await choose(page, jpeg("navy"), jpeg("red"))
    both = await headlines(page, 2)
    assert sum("a little fast" in each for each in both) == 1
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert [each for each in stage.watched.complaints if "429" not in each] == []
    stage.watched.complaints.clear()


async def test_a_photo_that_must_wait_for_its_turn_does_so_quietly(make_stage: SiteMaker) -> None:
    stage = await make_stage(WebOptions(uploads_per_client=1))
    stage.inference.gate = asyncio.Event()
    page = await stage.open()
    await choose(page, jpeg("navy"), jpeg("red"))
    await expect(page.get_by_text("Waiting for its turn…")).to_have_count(1)
    stage.inference.gate.set()
    assert await headlines(page, 2) == ["Plastic", "Plastic"]
    await expect(page.get_by_text("Waiting for its turn…")).to_have_count(0)
    assert [each for each in stage.watched.complaints if "429" not in each] == []
    stage.watched.complaints.clear()


async def test_a_broken_connection_is_said_and_mended_by_trying_again(stage: Stage) -> None:
    page = await stage.open()
    await page.context.set_offline(True)
    await choose(page, jpeg("navy"))
    assert await headlines(page, 1) == ["The connection broke off"]
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".card .headline")).to_have_text("Plastic")
    await expect(page.locator(".card .headline")).to_be_focused()
    assert all("ERR_INTERNET_DISCONNECTED" in each for each in stage.watched.complaints)
    stage.watched.complaints.clear()


async def test_a_lost_session_is_renewed_without_a_word(stage: Stage) -> None:
    page = await stage.open()
    await page.context.clear_cookies()
    await choose(page, jpeg("navy"))
    assert await headlines(page, 1) == ["Plastic"]
    assert all("403" in each for each in stage.watched.complaints)
    stage.watched.complaints.clear()
