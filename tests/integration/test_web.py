"""What the web page's server answers, over real sockets: photos, buttons, languages, places, files."""

import re

import aiohttp
import pytest

from bots.web import WebOptions
from guides import load_guides
from tests.scripted_inference import ScriptedInference
from tests.web_site import Visitor, cards, error, running_site


async def test_a_photo_gets_its_class_and_guide(visitor: Visitor, inference: ScriptedInference) -> None:
    (card,) = await cards(await visitor.send(b"paper"))
    assert (card["kind"], card["headline"], card["detail"]) == ("answer", "Paper", "Almost certain")
    assert card["guide"]
    assert inference.seen == [b"paper"]


async def test_several_photos_get_a_card_each_in_order_and_a_bad_one_spoils_nothing(visitor: Visitor) -> None:
    told = await cards(await visitor.send(b"doubt", b"broken", b"paper", language="ko"))
    assert [card["kind"] for card in told] == ["ask", "problem", "answer"]
    assert told[1]["headline"] == "사진 파일이 망가졌어요"


async def test_a_photo_over_the_limit_is_refused_by_itself_and_never_reaches_inference(
    visitor: Visitor, inference: ScriptedInference
) -> None:
    told = await cards(await visitor.send(b"x" * 1001, b"paper"))
    assert [card["kind"] for card in told] == ["problem", "answer"]
    assert inference.seen == [b"paper"]
    exactly = await cards(await visitor.send(b"x" * 1000))
    assert exactly[0]["kind"] == "answer"


async def test_an_empty_photo_is_passed_on_to_inference_which_refuses_it(
    visitor: Visitor, inference: ScriptedInference
) -> None:
    await visitor.send(b"")
    assert inference.seen == [b""]


async def test_a_button_leads_to_a_guide_or_to_all_labels(visitor: Visitor) -> None:
    (guide,) = await cards(await visitor.press("guide:battery"))
    assert guide["headline"] == "Batteries"
    (labels,) = await cards(await visitor.press("labels", language="ko"))
    assert len(labels["buttons"]) == 12  # type: ignore[arg-type]


@pytest.mark.parametrize("action", ["guide:gold", "", 7, None, {"a": 1}, "x" * 2000])
async def test_a_button_that_is_none_of_ours_is_a_bad_request(visitor: Visitor, action: object) -> None:
    assert (await error(await visitor.press(action)))[:2] == (400, "bad_request")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"null", b"[" * 4000])
async def test_a_press_that_is_not_the_json_we_know_is_a_bad_request(visitor: Visitor, body: bytes) -> None:
    answer = await visitor.post("api/press", data=body)
    assert (await error(answer))[:2] == (400, "bad_request")


@pytest.mark.parametrize(
    "header", [("Content-Type", "application/json; charset=none-such"), ("Content-Encoding", "gzip")]
)
async def test_a_press_that_is_not_in_the_code_it_names_is_a_bad_request(
    visitor: Visitor, header: tuple[str, str]
) -> None:
    headers = dict([("X-Bunri-Token", visitor.token), header])
    async with visitor.http.post(
        f"{visitor.url}api/press", data=b'{"action": "labels"}', headers=headers, skip_auto_headers=["Content-Encoding"]
    ) as answer:
        assert (await error(answer))[:2] == (400, "bad_request")


@pytest.mark.parametrize(
    ("headers", "query", "language", "title"),
    [
        ({"Accept-Language": "ko"}, "", "ko", "이건 어떻게 버려요?"),
        ({"Accept-Language": "en"}, "", "en", "How do I throw this away?"),
        ({"Accept-Language": "en"}, "?language=ko", "ko", "이건 어떻게 버려요?"),
        ({"Accept-Language": "ko", "Cookie": "bunri-language=en"}, "", "en", "How do I throw this away?"),
        ({}, "", "ko", "이건 어떻게 버려요?"),
    ],
)
async def test_the_page_speaks_the_visitors_language(
    site: str, headers: dict[str, str], query: str, language: str, title: str
) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site}{query}", headers=headers) as answer:
        page = await answer.text()
        assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page
    assert title in page


async def place_of(answer: aiohttp.ClientResponse) -> str:
    """Whose rules the guide on the only card follows."""
    (card,) = await cards(answer)
    guide = card["guide"]
    assert isinstance(guide, dict)
    return str(guide["place"])


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ("kr", "South Korea"),
        ("kr-jungnang", "Jungnang-gu, Seoul"),
        ("intl", "Anywhere (general advice)"),
        ("fr", "South Korea"),
        ("", "South Korea"),
        ("../intl", "South Korea"),
        ("/etc/passwd", "South Korea"),
        ("intl\x00", "South Korea"),
        ("x" * 2000, "South Korea"),
    ],
)
async def test_the_guide_is_that_of_the_region_sent_and_an_unknown_one_is_the_setting(
    visitor: Visitor, region: str, place: str
) -> None:
    assert await place_of(await visitor.press("guide:battery", region=region)) == place


async def test_a_photo_gets_the_guide_of_the_region_sent_with_it(visitor: Visitor) -> None:
    assert await place_of(await visitor.send(b"paper", region="intl")) == "Anywhere (general advice)"


@pytest.mark.parametrize(
    ("setting", "cookie", "query", "chosen"),
    [
        ("kr", "", "", "kr"),
        ("intl", "", "", "intl"),
        ("kr-busan", "", "", "kr"),
        ("fr", "", "", "intl"),
        ("kr", "bunri-region=intl", "", "intl"),
        ("kr", "bunri-region=intl", "?region=kr-jungnang", "kr-jungnang"),
        ("intl", "bunri-region=../kr", "?region=nowhere", "intl"),
    ],
)
async def test_the_page_opens_with_the_visitors_region_chosen(
    inference: ScriptedInference, setting: str, cookie: str, query: str, chosen: str
) -> None:
    headers = {"Accept-Language": "en", **({"Cookie": cookie} if cookie else {})}
    async with (
        running_site(inference, WebOptions(region=setting)) as url,
        aiohttp.ClientSession() as http,
        http.get(f"{url}{query}", headers=headers) as answer,
    ):
        assert answer.status == 200
        page = await answer.text()
    assert re.findall(r'<option value="([a-z-]+)"[^>]* selected>', page) == [chosen]
    assert set(re.findall(r'<option value="([a-z-]+)"', page)) == set(load_guides().jurisdictions)


async def test_a_file_of_the_page_is_not_sent_again_while_it_is_the_same(site: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{site}static/app.js") as first:
            tag = first.headers["ETag"]
            assert first.content_type == "text/javascript"
        async with http.get(f"{site}static/app.js", headers={"If-None-Match": tag}) as second:
            assert second.status == 304
            assert await second.read() == b""
