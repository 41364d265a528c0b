"""The conversation on the page in a real browser, with a database behind it: words, opinions, consent, one's data."""

import base64
import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, Route, expect

from bots.web import WebOptions
from db.database import Database
from db.vault import PhotoVault
from inference.answer import Decision, Hazard
from inference.labels import Label
from tests.e2e.conftest import SiteMaker, Stage
from tests.e2e.photos import file, jpeg
from tests.e2e.test_accessibility import HEADINGS, LOW_CONTRAST, NAMELESS, SMALL_TARGETS
from tests.scripted_inference import verdict
from tests.web_site import house

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOUBT = verdict(Label.METAL, 0.5, decision=Decision.ASK, candidates=(Label.METAL, Label.TRASH))
HAZARDOUS_DOUBT = verdict(
    Label.METAL,
    0.5,
    decision=Decision.ASK,
    candidates=(Label.METAL, Label.BATTERY),
    hazards=(Hazard.BATTERY,),
)


@pytest_asyncio.fixture(loop_scope="session")
async def home(tmp_path: Path) -> AsyncIterator[tuple[Database, PhotoVault]]:
    async with house(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def memory_stage(home: tuple[Database, PhotoVault], make_stage: SiteMaker) -> Stage:
    """A page that remembers, and that may keep photos. It is closed before its database."""
    memory, vault = home
    return await make_stage(WebOptions(keeps_photos=True), memory=memory, vault=vault)


async def choose(page: Page, colour: str = "navy") -> None:
    await page.locator("#files").set_input_files([file(jpeg(colour))])


async def write(page: Page, words: str) -> None:
    await page.get_by_role("searchbox").fill(words)
    await page.keyboard.press("Enter")


async def test_a_thing_is_found_by_its_name_and_its_guide_follows(stage: Stage) -> None:
    page = await stage.open()
    await write(page, "pizza box")
    card = page.locator(".card")
    await expect(card.locator(".headline")).to_have_text("pizza box")
    await expect(card.locator(".asked")).to_contain_text("pizza box")
    await expect(page.get_by_role("status")).to_contain_text("pizza box")
    await expect(page.get_by_role("searchbox")).to_have_value("")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await card.get_by_role("group").get_by_role("button").first.click()
    await expect(card.locator(".followup .steps")).to_be_visible()
    await expect(card.locator(".followup .headline")).to_be_focused()


async def test_a_thing_is_found_by_its_korean_name_on_a_phone(stage: Stage) -> None:
    page = await stage.open(locale="ko-KR", viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    await page.get_by_role("searchbox", name="이름으로도 물어볼 수 있어요").fill("영수증")
    await page.get_by_role("button", name="물어보기").click()
    await expect(page.locator(".card .headline")).to_have_text("영수증")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_empty_words_are_refused_kindly_and_nothing_is_sent(stage: Stage) -> None:
    page = await stage.open()
    await write(page, "   ")
    await expect(page.get_by_role("alert")).to_contain_text("Please write the name of a thing first.")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await expect(page.get_by_role("searchbox")).to_have_attribute("aria-invalid", "true")
    assert not any("/api/ask" in each for each in stage.watched.requests)
    await page.keyboard.type("paper")
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_a_visitor_writes_is_never_read_as_markup(stage: Stage) -> None:
    page = await stage.open()
    words = "<img src=x onerror=alert(1)>"
    await write(page, words)
    await expect(page.locator(".card[data-kind=search] .asked")).to_contain_text(words)
    await expect(page.locator(".card img")).to_have_count(0)


async def test_a_wrong_answer_is_corrected_and_thanked_with_a_receipt(
    memory_stage: Stage, home: tuple[Database, PhotoVault]
) -> None:
    page = await memory_stage.open()
    await choose(page)
    card = page.locator(".card").first
    number = await card.locator(".receipt .number").inner_text()
    await card.get_by_role("button", name="That’s not it").click()
    labels = page.get_by_role("group", name="What kind of thing is it?")
    await expect(labels.get_by_role("button")).to_have_count(13)
    await labels.get_by_role("button", name="Shoes").click()
    headlines = card.locator(".followup .headline")
    await expect(headlines).to_have_text(["Thank you!", "Shoes"])
    await expect(headlines.first).to_be_focused()
    await expect(card.locator(".followup .detail").first).to_have_text(f"Receipt {number}")
    await expect(labels).to_have_count(0)
    query = await home[0].queries.get(number)
    assert query is not None
    kept = await home[0].feedback.of(number, query.user_key)
    assert kept is not None
    assert (kept.verdict, kept.label) == ("wrong", "shoes")


async def test_a_right_answer_is_thanked_for_and_stays(memory_stage: Stage) -> None:
    page = await memory_stage.open()
    await choose(page)
    card = page.locator(".card").first
    right = card.get_by_role("button", name="That’s right")
    await right.click()
    await expect(card.locator(".followup .headline")).to_have_text("Thank you!")
    await expect(page.get_by_role("status")).to_contain_text("Thank you!")
    await expect(right).to_have_attribute("aria-pressed", "true")
    await expect(card.locator(".top-row .headline")).to_have_text("Plastic")


async def test_a_candidate_takes_the_questions_place_and_the_danger_stays(memory_stage: Stage) -> None:
    memory_stage.inference.otherwise = HAZARDOUS_DOUBT
    page = await memory_stage.open()
    await choose(page)
    card = page.locator(".card").first
    choices = card.get_by_role("group", name="Which one is it closest to?")
    await expect(choices.get_by_role("button")).to_have_text(
        ["Metal", "Batteries", "None of these", "Several things", "Hard to see"]
    )
    await choices.get_by_role("button", name="Metal").click()
    await expect(card.locator(".top-row .headline")).to_have_text("Metal")
    await expect(card.locator(".top-row .headline")).to_be_focused()
    await expect(card.locator(".steps")).to_be_visible()
    await expect(choices).to_have_count(0)
    await expect(card.locator(".banner")).to_contain_text("there may be a battery here")
    await expect(card.get_by_role("img", name="Your photo")).to_be_visible()


async def test_what_is_hard_to_see_leads_to_tips_and_the_labels(memory_stage: Stage) -> None:
    memory_stage.inference.otherwise = DOUBT
    page = await memory_stage.open()
    await choose(page)
    await page.get_by_role("button", name="Hard to see").click()
    await expect(page.locator(".followup .headline")).to_have_text("Shall we try another photo?")
    await expect(page.get_by_text("For a better answer")).to_be_visible()
    await page.locator(".followup").get_by_role("button", name="Shoes").click()
    await expect(page.locator(".followup .headline")).to_have_text(["Thank you!", "Shoes"])


async def test_a_switch_of_language_repeats_the_reading_and_not_the_deciding(memory_stage: Stage) -> None:
    page = await memory_stage.open()
    await choose(page)
    await page.locator(".card").first.get_by_role("button", name="That’s right").click()
    await expect(page.locator(".followup .headline")).to_have_text("Thank you!")
    presses: list[str] = []
    page.on("request", lambda sent: presses.append(sent.url) if "/api/press" in sent.url else None)
    await page.get_by_role("link", name="한국어").click()
    await expect(page.locator(".card .headline").first).to_have_text("플라스틱")
    assert presses == []


async def test_consent_is_asked_once_beside_the_answer_and_can_be_refused(memory_stage: Stage) -> None:
    page = await memory_stage.open()
    await expect(page.locator(".privacy")).to_contain_text("only if you have agreed")
    await choose(page)
    question = page.locator(".card[data-kind=consent]")
    await expect(question.locator(".headline")).to_have_text("May your photos help to improve Bunri?")
    await question.get_by_role("button", name="No, thanks").click()
    await expect(question.locator(".headline")).to_have_text("All right. No photo is kept.")
    await expect(question.locator(".headline")).to_be_focused()
    await choose(page, "red")
    await expect(page.locator(".card[data-kind=answer]")).to_have_count(2)
    await expect(page.locator(".card[data-kind=consent]")).to_have_count(1)


async def test_the_question_of_consent_changes_its_language_with_the_page(memory_stage: Stage) -> None:
    page = await memory_stage.open()
    await choose(page)
    await page.locator(".card[data-kind=consent]").wait_for()
    await page.get_by_role("link", name="한국어").click()
    await expect(page.locator(".card[data-kind=consent] .headline")).to_contain_text("사진")
    await expect(page.locator(".card[data-kind=consent]")).to_have_count(1)


async def test_ones_data_are_shown_and_deleted_from_the_foot_of_the_page(
    memory_stage: Stage, home: tuple[Database, PhotoVault]
) -> None:
    page = await memory_stage.open()
    await choose(page)
    number = await page.locator(".card .receipt .number").first.inner_text()
    foot = page.get_by_role("navigation", name="Your data, and more")
    await foot.get_by_role("button", name="My data", exact=True).click()
    mine = page.locator(".card", has=page.get_by_role("heading", name="What is stored about you"))
    await expect(mine.locator(".paragraph").first).to_contain_text("Questions and answers: 1")
    await expect(mine.locator(".headline")).to_be_focused()
    assert "\n" in await mine.locator(".paragraph").first.inner_text(), "a line each"
    await foot.get_by_role("button", name="Delete my data").click()
    sure = page.locator(".card[data-kind=confirm]")
    await sure.get_by_role("button", name="Delete everything").click()
    await expect(page.get_by_role("heading", name="Everything is deleted")).to_be_focused()
    assert await home[0].queries.get(number) is None


@pytest.mark.parametrize(
    ("button", "headline"),
    [("Privacy", "What happens to your data"), ("Report a problem", "What is wrong?"), ("Figures", "Bunri in figures")],
)
async def test_the_foot_of_the_page_answers(memory_stage: Stage, button: str, headline: str) -> None:
    page = await memory_stage.open()
    await page.get_by_role("contentinfo").get_by_role("button", name=button).click()
    await expect(page.locator(".card .headline")).to_have_text(headline)


async def test_a_language_chosen_in_the_conversation_is_the_pages(memory_stage: Stage) -> None:
    page = await memory_stage.open()
    await write(page, "/lang")
    await page.locator(".card").get_by_role("button", name="한국어").click()
    await expect(page.locator("html")).to_have_attribute("lang", "ko")
    await expect(page.locator(".card .headline")).to_contain_text("한국어")
    await write(page, "/region")
    await page.locator(".card").first.get_by_role("button", name="그 밖의 나라").click()
    await expect(page.locator("#region")).to_have_value("intl")


async def test_a_report_is_sent_once_whatever_language_follows(memory_stage: Stage) -> None:
    page = await memory_stage.open()
    await write(page, "/report the plastic guide is not what my town says")
    await expect(page.locator(".card .headline")).to_have_text(re.compile("Thank you"))
    asked: list[Request] = []
    page.on("request", lambda sent: asked.append(sent) if "/api/ask" in sent.url else None)
    await page.get_by_role("link", name="한국어").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("이건 어떻게 버려요?")
    assert asked == []


async def test_words_and_opinions_can_be_given_with_the_keyboard_alone(memory_stage: Stage) -> None:
    page = await memory_stage.open()

    async def tab_to(name: str) -> None:
        for _ in range(60):
            await page.keyboard.press("Tab")
            at, outline = await page.evaluate(
                "((at) => [(at.labels?.[0] ?? at).textContent.trim(), getComputedStyle(at).outlineStyle])"
                "(document.activeElement)"
            )
            assert outline == "solid", at
            if at == name:
                return
        pytest.fail(f"{name} cannot be reached")

    await tab_to("Or write what it is")
    await page.keyboard.type("pizza box")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("pizza box")
    await tab_to("Clear all")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".followup .headline")).to_be_focused()


async def test_pictures_are_shown_with_their_caption_and_saved_to_the_disk(stage: Stage, tmp_path: Path) -> None:
    page = await stage.open()
    content = jpeg("green")
    pictures = [
        {
            "name": "paper-1.jpg",
            "caption": "Paper, made by AI",
            "data_url": f"data:image/jpeg;base64,{base64.b64encode(content).decode()}",
        }
    ]

    async def answer(route: Route) -> None:
        await route.fulfill(json={"cards": [], "place": "new", "toast": "", "pictures": pictures})

    await page.route("**/api/ask*", answer)
    await write(page, "/generate paper")
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="Save").click()
    download = await saved.value
    assert download.suggested_filename == "paper-1.jpg"
    await download.save_as(tmp_path / "saved.jpg")
    assert (tmp_path / "saved.jpg").read_bytes() == content
    picture = page.get_by_role("img", name="Paper, made by AI")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("(each) => each.naturalWidth") > 0
    await expect(page.get_by_role("link", name="Save")).to_be_visible()
    await expect(page.locator(".card .headline")).to_have_text("Paper, made by AI")


async def test_an_answer_without_cards_shows_nothing(stage: Stage) -> None:
    page = await stage.open()

    async def silence(route: Route) -> None:
        await route.fulfill(json={"cards": [], "place": "new", "toast": "", "pictures": []})

    await page.route("**/api/ask*", silence)
    await write(page, "paper")
    await expect(page.locator(".card")).to_have_count(0)
    await expect(page.locator("#results")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_kind_of_answer_is_legible_named_and_big_enough_to_press(memory_stage: Stage, scheme: Any) -> None:
    page = await memory_stage.open(
        locale="ko-KR",
        color_scheme=scheme,
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    await choose(page)
    await page.locator(".card[data-kind=consent]").wait_for()
    await page.locator('[data-action^="wrong:"]').click()
    await page.locator('.followup [data-action$=":shoes"]').click()
    await expect(page.locator(".followup[data-kind=thanks]")).to_be_visible()
    for words, kind in (("/mydata", "info"), ("/forget", "confirm"), ("영수증", "thing"), ("/lang", "settings")):
        await write(page, words)
        await page.locator(f".card[data-kind={kind}]").wait_for()
    await write(page, "")
    await expect(page.get_by_role("alert")).to_be_visible()
    checked, faint = await page.evaluate(LOW_CONTRAST)
    assert checked > 60
    assert faint == []
    assert await page.evaluate(NAMELESS) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    levels: list[int] = await page.evaluate(HEADINGS)
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
