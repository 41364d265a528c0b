"""The page's side of the conversation over HTTP: words, opinions, consent, one's own data, health."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bots.conversation_options import ConversationOptions
from bots.web import csrf
from db.database import Database
from db.vault import PhotoVault
from tests.scripted_inference import ScriptedInference
from tests.web_site import Visitor, cards, error, house, running_site, visiting


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[tuple[Database, PhotoVault]]:
    async with house(tmp_path) as made:
        yield made


@pytest.fixture
async def guest(inference: ScriptedInference, home: tuple[Database, PhotoVault]) -> AsyncIterator[Visitor]:
    """Somebody at a page that remembers."""
    memory, vault = home
    async with running_site(inference, memory=memory, vault=vault) as url, visiting(url) as someone:
        yield someone


def jpeg() -> bytes:
    """A photo that can be decoded, as what is kept is cleaned first."""
    written = BytesIO()
    Image.new("RGB", (64, 48), "navy").save(written, "JPEG")
    return written.getvalue()


def session_of(visitor: Visitor) -> str:
    return next(each.value for each in visitor.http.cookie_jar if each.key == csrf.COOKIE)


def action(card: dict[str, Any], verb: str) -> str:
    found: str = next(each["action"] for each in card["buttons"] if each["action"].split(":")[0] == verb)
    return found


async def told(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    assert answer.status == 200, await answer.text()
    body: dict[str, Any] = await answer.json()
    return body


@pytest.mark.parametrize(
    ("words", "language", "kinds"),
    [("우유팩", "ko", {"thing", "guide"}), ("영수증", "ko", {"thing"}), ("pizza box", "en", {"thing"})],
)
async def test_the_name_of_a_thing_is_answered_with_where_it_goes(
    visitor: Visitor, words: str, language: str, kinds: set[str]
) -> None:
    body = await told(await visitor.ask(words, language=language))
    assert set(body) == {"cards", "place", "toast", "pictures"}
    (card,) = body["cards"]
    assert card["kind"] in kinds
    assert card["detail"] or card["guide"]["stream"]
    if card["kind"] == "thing":
        assert card["headline"].casefold() == words


async def test_a_command_can_be_written_as_well(visitor: Visitor) -> None:
    (card,) = await cards(await visitor.ask("/privacy"))
    assert card["kind"] == "info"
    assert len(card["paragraphs"]) > 3  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["", "  \n"])
async def test_empty_words_are_refused_kindly(visitor: Visitor, words: str) -> None:
    assert await error(await visitor.ask(words)) == (400, "no_text", "Please write the name of a thing first.")
    assert (await error(await visitor.ask(words, language="ko")))[2] == "물건 이름을 먼저 적어 주세요."


async def test_a_thousand_characters_are_taken_and_one_more_is_refused(visitor: Visitor) -> None:
    assert (await told(await visitor.ask("😀" * 1000)))["cards"]
    status, code, message = await error(await visitor.ask("가" * 1001))
    assert (status, code) == (413, "long_text")
    assert "1,000" in message or "1000" in message


@pytest.mark.parametrize("body", [{"text": 5}, {"text": None}, {"words": "paper"}, ["paper"], "paper"])
async def test_what_holds_no_words_is_refused(visitor: Visitor, body: object) -> None:
    assert (await error(await visitor.post("api/ask", json=body)))[:2] == (400, "bad_request")


async def test_words_from_another_site_are_refused(site: str) -> None:
    async with aiohttp.ClientSession() as stranger, stranger.post(f"{site}api/ask", json={"text": "paper"}) as answer:
        assert (await error(answer))[:2] == (403, "not_ours")


async def test_an_answer_carries_a_receipt_and_an_opinion_about_it_is_kept(
    guest: Visitor, home: tuple[Database, PhotoVault]
) -> None:
    card = (await told(await guest.send(b"paper")))["cards"][0]
    query = card["receipt"]
    body = await told(await guest.press(action(card, "right")))
    assert (body["place"], body["toast"]) == ("keep_buttons", "Thank you!")
    assert query in body["cards"][0]["detail"]
    key = home[0].secret.user_key("web", session_of(guest))
    kept = await home[0].feedback.of(query, key)
    assert kept is not None
    assert kept.verdict == "right"


async def test_a_wrong_answer_is_corrected_in_two_presses(guest: Visitor, home: tuple[Database, PhotoVault]) -> None:
    card = (await told(await guest.send(b"paper")))["cards"][0]
    which = (await told(await guest.press(action(card, "wrong"))))["cards"][0]
    body = await told(await guest.press(f"fix:{card['receipt']}:shoes"))
    assert which["kind"] == "labels"
    assert body["place"] == "edit"
    assert [each["kind"] for each in body["cards"]] == ["thanks", "guide"]
    kept = await home[0].feedback.of(card["receipt"], home[0].secret.user_key("web", session_of(guest)))
    assert kept is not None
    assert (kept.verdict, kept.label) == ("wrong", "shoes")


async def test_a_candidate_that_is_picked_takes_the_place_of_the_question(guest: Visitor) -> None:
    card = (await told(await guest.send(b"doubt")))["cards"][0]
    assert [each["action"].split(":")[0] for each in card["buttons"]] == ["pick", "pick", "unfit", "unfit", "unfit"]
    body = await told(await guest.press(action(card, "pick")))
    assert body["place"] == "edit"
    assert body["cards"][0]["kind"] == "guide"


async def test_consent_is_asked_once_a_session_and_photos_are_kept_only_after_a_yes(
    guest: Visitor, home: tuple[Database, PhotoVault], inference: ScriptedInference
) -> None:
    photo = jpeg()
    key = home[0].secret.user_key("web", session_of(guest))
    first = (await told(await guest.send(photo, photo)))["cards"]
    assert [each["kind"] for each in first] == ["answer", "answer", "consent"]
    assert [each["kind"] for each in (await told(await guest.send(photo)))["cards"]] == ["answer"]
    assert await home[1].count_of(key) == 0
    agreed = await told(await guest.press("consent:yes:1"))
    assert agreed["place"] == "edit"
    await guest.send(photo)
    # A photo still on its way to the vault is not stored any more once consent is taken back.
    while await home[1].count_of(key) == 0:  # noqa: ASYNC110 - it comes from a thread
        await asyncio.sleep(0.01)
    withdrawn = await told(await guest.press("consent:no:1"))
    assert withdrawn["cards"][0]["headline"] == "All right. The one kept photo has been deleted."
    assert await home[1].count_of(key) == 0


async def test_forget_asks_first_and_then_nothing_is_left(guest: Visitor, home: tuple[Database, PhotoVault]) -> None:
    await guest.send(b"paper")
    key = home[0].secret.user_key("web", session_of(guest))
    sure = (await told(await guest.ask("/forget")))["cards"][0]
    assert sure["kind"] == "confirm"
    assert len((await home[0].my_data(key)).queries) == 1
    await told(await guest.press("forget:no"))
    assert len((await home[0].my_data(key)).queries) == 1
    done = await told(await guest.press("forget:yes"))
    assert done["cards"][0]["headline"] == "Everything is deleted"
    assert len((await home[0].my_data(key)).queries) == 0


async def test_what_one_browser_has_asked_another_does_not_see(
    guest: Visitor, home: tuple[Database, PhotoVault]
) -> None:
    await guest.send(b"paper")
    async with visiting(guest.url) as other:
        theirs = (await told(await other.ask("/mydata")))["cards"][0]
    mine = (await told(await guest.ask("/mydata")))["cards"][0]
    assert "Questions and answers: 0" in theirs["paragraphs"][0]
    assert "Questions and answers: 1" in mine["paragraphs"][0]


async def test_the_session_lasts_for_half_a_year_and_opening_the_page_logs_nothing(
    guest: Visitor, home: tuple[Database, PhotoVault]
) -> None:
    async with guest.http.get(f"{guest.url}api/setup") as answer:
        assert answer.cookies[csrf.COOKIE]["max-age"] == str(180 * 24 * 60 * 60)
    assert (await home[0].my_data("")).queries == ()


async def test_a_language_or_a_place_chosen_in_the_conversation_is_told_to_the_page(guest: Visitor) -> None:
    assert (await told(await guest.press("lang:ko")))["language"] == "ko"
    assert (await told(await guest.ask("/lang en", language="ko")))["language"] == "en"
    assert (await told(await guest.press("region:intl")))["region"] == "intl"
    assert "region" not in await told(await guest.press("region:atlantis"))
    offered = await told(await guest.ask("/lang Deutsch"))
    assert [each["action"] for each in offered["cards"][0]["buttons"]] == ["lang:ko", "lang:en"]


async def test_health_is_what_the_program_says_and_503_when_it_is_not_well(inference: ScriptedInference) -> None:
    state: dict[str, object] = {"status": "ok", "telegram": "ok"}

    async def health() -> dict[str, object]:
        return state

    async with running_site(inference, health=health) as url, aiohttp.ClientSession() as http:
        async with http.get(f"{url}healthz") as answer:
            assert (answer.status, await answer.json()) == (200, state)
        state.update(status="failing", telegram="the poller is dead")
        async with http.get(f"{url}healthz") as answer:
            assert (answer.status, await answer.json()) == (503, state)


async def test_who_sends_too_much_is_told_so_once_and_then_asked_to_come_back(
    inference: ScriptedInference, home: tuple[Database, PhotoVault]
) -> None:
    talk = ConversationOptions(per_user_per_minute=1)
    async with running_site(inference, memory=home[0], talk=talk) as url, visiting(url) as hasty:
        assert (await told(await hasty.send(b"paper")))["cards"][0]["kind"] == "answer"
        assert (await told(await hasty.send(b"paper")))["cards"][0]["headline"] == "A little slower, please"
        answer = await hasty.send(b"paper")
        assert (await error(answer))[:2] == (429, "too_often")
        assert int(answer.headers["Retry-After"]) > 0
        assert (await told(await hasty.ask("paper")))["cards"] == []
