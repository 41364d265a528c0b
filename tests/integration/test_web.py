"""The web adapter over real sockets: answers, limits, refusals, headers. Only inference is scripted."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bots.web import WebOptions, WebServer, csrf
from bots.web.headers import SECURITY_HEADERS
from bots.web.server import DRAIN_SECONDS
from guides import load_guides
from inference.answer import Decision
from inference.errors import DecodeError, DecodeProblem
from inference.labels import Label
from tests.scripted_inference import ScriptedInference, verdict
from tests.web_site import Visitor, running_site, visiting


@pytest.fixture
def inference() -> ScriptedInference:
    return ScriptedInference(
        {
            b"paper": verdict(Label.PAPER),
            b"doubt": verdict(Label.METAL, 0.5, decision=Decision.ASK, candidates=(Label.METAL, Label.TRASH)),
            b"broken": DecodeError(DecodeProblem.CORRUPT, "bad huffman"),
            b"bug": ZeroDivisionError("our fault"),
        }
    )


@pytest.fixture
async def site(inference: ScriptedInference) -> AsyncIterator[str]:
    async with running_site(inference, WebOptions(max_bytes=1000, max_photos=3)) as url:
        yield url


@pytest.fixture
async def visitor(site: str) -> AsyncIterator[Visitor]:
    async with visiting(site) as someone:
        yield someone


async def cards(answer: aiohttp.ClientResponse) -> list[dict[str, object]]:
    assert answer.status == 200, await answer.text()
    told: list[dict[str, object]] = (await answer.json())["cards"]
    return told


async def error(answer: aiohttp.ClientResponse) -> tuple[int, str, str]:
    body = await answer.json()
    assert set(body) == {"error", "message"}
    return answer.status, body["error"], body["message"]


async def connection(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare socket, for what no proper client sends."""
    return await asyncio.open_connection("127.0.0.1", URL(url).port)


def upload_head(visitor: Visitor, header: str) -> bytes:
    """The head of an upload with one ``header`` about its body, which is still to come."""
    cookie = next(iter(visitor.http.cookie_jar))
    return (
        "POST /api/classify?language=en HTTP/1.1\r\nHost: x\r\n"
        f"Cookie: {cookie.key}={cookie.value}\r\nX-Bunri-Token: {visitor.token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\n{header}\r\n\r\n"
    ).encode()


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


async def test_a_press_whose_body_never_comes_is_given_up() -> None:
    options = WebOptions(upload_seconds=0.2)
    async with running_site(ScriptedInference(), options) as url, visiting(url) as someone:

        async def silence() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(30)

        assert (await error(await someone.post("api/press", data=silence())))[:2] == (408, "too_slow")


async def test_a_huge_press_is_refused(visitor: Visitor) -> None:
    answer = await visitor.post("api/press", data=json.dumps({"action": "x" * 100_000}))
    assert (await error(answer))[:2] == (413, "too_much")


@pytest.mark.parametrize("path", ["api/classify", "api/press"])
async def test_posting_without_the_token_is_forbidden_and_nothing_is_read(
    visitor: Visitor, inference: ScriptedInference, path: str
) -> None:
    for token in ("", "0" * 64, visitor.token[:-1]):
        visitor.token = token
        status, code, message = await error(await visitor.post(path, data={"photo": "paper"}, language="ko"))
        assert (status, code) == (403, "not_ours")
        assert message == "페이지가 오래됐어요. 새로 고친 뒤 다시 해 주세요."
    assert inference.seen == []


async def test_a_token_of_bytes_that_are_no_text_is_none_of_ours(site: str) -> None:
    cookie = f"{csrf.COOKIE}={csrf.new_session()}".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(site).port)
    writer.write(b"POST /api/press HTTP/1.1\r\nHost: x\r\nCookie: " + cookie + b"\r\nX-Bunri-Token: \xff\xfe\r\n\r\n")
    head = await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 403 ")


async def test_a_stolen_token_is_worth_nothing_without_its_session(site: str, visitor: Visitor) -> None:
    async with visiting(site) as other:
        other.token = visitor.token
        assert (await error(await other.send(b"paper")))[:2] == (403, "not_ours")


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site}api/setup") as answer:
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie, "on plain http a Secure cookie would be lost"


async def test_behind_an_https_proxy_the_cookie_is_secure() -> None:
    async with running_site(ScriptedInference(), WebOptions(trust_proxy=True)) as url:
        headers = {"X-Forwarded-Proto": "https"}
        async with aiohttp.ClientSession() as http, http.get(f"{url}api/setup", headers=headers) as answer:
            assert "Secure" in answer.headers["Set-Cookie"]


async def test_a_session_is_kept_when_the_page_is_opened_again(visitor: Visitor) -> None:
    async with visitor.http.get(f"{visitor.url}api/setup") as answer:
        assert (await answer.json())["token"] == visitor.token


async def test_a_session_survives_a_restart_of_the_server(inference: ScriptedInference) -> None:
    async with running_site(inference) as url, visiting(url) as someone:
        pass
    session = next(iter(someone.http.cookie_jar))
    async with running_site(inference) as url:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, cookies={session.key: session.value}) as http:
            again = Visitor(http, url, someone.token)
            assert (await again.send(b"paper")).status == 200


async def test_too_many_photos_in_one_request_are_refused_kindly(visitor: Visitor) -> None:
    status, code, message = await error(await visitor.send(*[b"x"] * 4))
    assert (status, code) == (413, "too_many_photos")
    assert "3 photos" in message


async def test_a_request_that_announces_too_much_is_refused_before_its_body_is_read(visitor: Visitor) -> None:
    reader, writer = await connection(visitor.url)
    writer.write(upload_head(visitor, f"Content-Length: {10**12}"))
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in head


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Transfer-Encoding: chunked", "411 no_length"),
        ("Content-Length: 99\r\nContent-Encoding: gzip", "400 bad_request"),
    ],
)
async def test_an_upload_whose_length_nobody_can_know_is_refused_before_its_body_is_read(
    visitor: Visitor, header: str, expected: str
) -> None:
    reader, writer = await connection(visitor.url)
    writer.write(upload_head(visitor, header))
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    body = json.loads(await reader.read())
    writer.close()
    await writer.wait_closed()
    assert f"{head.split()[1]} {body['error']}" == expected
    assert body["message"]
    assert "Connection: close" in head


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b"{}", (415, "not_multipart")),
        ("image/jpeg", b"\xff\xd8", (415, "not_multipart")),
        ("multipart/form-data", b"--x--\r\n", (400, "bad_request")),
        ("multipart/form-data; boundary=b", b"", (400, "bad_request")),
        ("multipart/form-data; boundary=b", b"--b--\r\n", (400, "bad_request")),
        ("multipart/form-data; boundary=b", b"no boundary here", (400, "bad_request")),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--\r\n',
            (400, "bad_request"),
        ),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\nx\r\n--b--\r\n", (400, "bad_request")),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\n" + b"A: b\r\n" * 500 + b"\r\nx\r\n--b--\r\n",
            (400, "bad_request"),
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n' + b"z" * 99 + b"\r\n--b--\r\n",
            (400, "bad_request"),
        ),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
            (400, "bad_request"),
        ),
    ],
)
async def test_a_malformed_upload_is_refused_in_words(
    visitor: Visitor, content_type: str, body: bytes, expected: tuple[int, str]
) -> None:
    headers = {"X-Bunri-Token": visitor.token, "Content-Type": content_type}
    url = f"{visitor.url}api/classify?language=en"
    async with visitor.http.post(url, data=body, headers=headers) as answer:
        assert (await error(answer))[:2] == expected


async def test_a_client_that_sends_too_often_is_told_when_to_come_back() -> None:
    options = WebOptions(requests_per_minute=2)
    async with running_site(ScriptedInference(), options) as url, visiting(url) as someone:
        assert (await someone.send(b"a")).status == 200
        assert (await someone.press("labels")).status == 200
        answer = await someone.send(b"b", language="ko")
        status, code, message = await error(answer)
        assert (status, code) == (429, "too_often")
        assert 1 <= int(answer.headers["Retry-After"]) <= 30
        assert f"{answer.headers['Retry-After']}초 뒤에" in message


async def test_one_clients_hurry_does_not_hold_up_another() -> None:
    options = WebOptions(requests_per_minute=1, trust_proxy=True)
    async with running_site(ScriptedInference(), options) as url, visiting(url) as someone:
        someone.http.headers["X-Forwarded-For"] = "203.0.113.1"
        assert (await someone.send(b"a")).status == 200
        assert (await someone.send(b"a")).status == 429
        someone.http.headers["X-Forwarded-For"] = "203.0.113.2"
        assert (await someone.send(b"a")).status == 200


async def test_when_all_places_are_taken_the_next_is_told_that_it_is_busy(
    inference: ScriptedInference,
) -> None:
    inference.gate = asyncio.Event()
    options = WebOptions(uploads=1, uploads_per_client=1, trust_proxy=True)
    async with running_site(inference, options) as url, visiting(url) as one, visiting(url) as two:
        two.http.headers["X-Forwarded-For"] = "203.0.113.2"
        first = asyncio.create_task(one.send(b"paper"))
        await inference.reached.wait()
        answer = await two.send(b"paper")
        assert (await error(answer))[:2] == (503, "busy")
        assert answer.headers["Retry-After"] == "2"
        inference.gate.set()
        assert (await first).status == 200
        assert (await two.send(b"paper")).status == 200


async def test_a_client_that_dawdles_loses_its_place() -> None:
    options = WebOptions(upload_seconds=0.2)
    async with running_site(ScriptedInference(), options) as url, visiting(url) as someone:
        reader, writer = await connection(url)
        writer.write(upload_head(someone, "Content-Length: 500") + b"--b\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"too_slow" in await reader.read(100)
        writer.close()
        await writer.wait_closed()
        assert head.startswith(b"HTTP/1.1 408 ")


async def test_a_client_that_hangs_up_in_the_middle_leaves_no_trace_but_a_free_place(
    inference: ScriptedInference, caplog: pytest.LogCaptureFixture
) -> None:
    options = WebOptions(uploads=1, uploads_per_client=1)
    async with running_site(inference, options) as url, visiting(url) as someone:
        host, port = url.removeprefix("http://").strip("/").split(":")
        cookie = next(iter(someone.http.cookie_jar))
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            "POST /api/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n"
            f"Cookie: {cookie.key}={cookie.value}\r\nX-Bunri-Token: {someone.token}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode()
        )
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()
        for _ in range(100):
            answer = await someone.send(b"paper")
            if answer.status == 200:
                break
            await asyncio.sleep(0.02)
        assert answer.status == 200
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_fault_of_ours_is_logged_for_us_and_apologised_for_to_them(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    status, code, message = await error(await visitor.send(b"bug"))
    assert (status, code) == (500, "internal")
    assert "our fault" not in message
    assert "ZeroDivisionError" in caplog.text


async def test_neither_file_names_nor_photo_bytes_reach_the_log(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for photo in (b"paper", b"bug", b"private-bytes"):
        form = aiohttp.FormData()
        form.add_field("photo", photo, filename="my-private-name.jpg", content_type="image/jpeg")
        await visitor.post("api/classify", data=form)
    ours = [record for record in caplog.records if not record.name.startswith("asyncio")]
    assert ours
    assert "private" not in caplog.text


@pytest.mark.parametrize("path", ["", "api/setup", "healthz", "static/style.css", "static/nothing.js", "nowhere"])
async def test_every_response_carries_the_security_headers(site: str, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site}{path}") as answer:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value
        expected = "no-cache" if path == "static/style.css" else "no-store"
        assert answer.headers["Cache-Control"] == expected
        assert "Server" not in answer.headers


def test_the_policy_allows_neither_inline_code_nor_any_other_site() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert policy.startswith("default-src 'none'")
    assert "camera=(self)" in SECURITY_HEADERS["Permissions-Policy"]


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


@pytest.mark.parametrize("path", ["static/..%2fapp.py", "static/%2e%2e/app.py", "static/index.html", "static/"])
async def test_nothing_but_the_pages_files_can_be_fetched(site: str, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site}{path}") as answer:
        assert answer.status == 404


async def test_a_wrong_method_is_answered_with_the_right_ones(site: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site}api/classify") as answer:
        assert (await error(answer))[:2] == (405, "method")
        assert answer.headers["Allow"] == "POST"


async def test_stopping_lets_the_photo_in_flight_be_answered(inference: ScriptedInference) -> None:
    inference.gate = asyncio.Event()
    async with AsyncExitStack() as stack:
        server = AsyncExitStack()
        url = await server.enter_async_context(running_site(inference))
        someone = await stack.enter_async_context(visiting(url))
        in_flight = asyncio.create_task(someone.send(b"paper"))
        await inference.reached.wait()
        stopping = asyncio.create_task(server.aclose())
        await asyncio.sleep(0.1)
        with pytest.raises(aiohttp.ClientConnectionError):
            await someone.http.get(f"{url}healthz")
        assert not stopping.done(), "it waits for the photo"
        inference.gate.set()
        assert (await in_flight).status == 200
        await stopping


async def test_stopping_cuts_off_an_upload_that_stands_still(inference: ScriptedInference) -> None:
    async with AsyncExitStack() as stack:
        server = AsyncExitStack()
        url = await server.enter_async_context(running_site(inference, drain_seconds=0.2))
        someone = await stack.enter_async_context(visiting(url))
        reader, writer = await connection(url)
        writer.write(upload_head(someone, "Content-Length: 500") + b"--b\r\n")
        await writer.drain()
        await someone.send(b"paper")  # by then the server has begun to read the other
        async with asyncio.timeout(5):
            await server.aclose()
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


def test_stopping_takes_less_than_the_ten_seconds_that_container_engines_grant() -> None:
    assert DRAIN_SECONDS <= 8


@pytest.mark.parametrize("sent", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_connection_that_never_finishes_the_head_of_a_request_is_closed(sent: bytes) -> None:
    async with WebServer(web.Application(), "127.0.0.1", 0, head_seconds=0.2) as server:
        reader, writer = await connection(server.url)
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_a_slow_answer_outlives_the_patience_with_slow_heads(inference: ScriptedInference) -> None:
    inference.gate = asyncio.Event()
    async with running_site(inference, head_seconds=0.2) as url, visiting(url) as someone:
        waiting = asyncio.create_task(someone.send(b"paper"))
        await inference.reached.wait()
        await asyncio.sleep(0.5)
        inference.gate.set()
        assert (await waiting).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET / HTTP/9.9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_refused_without_a_word_about_our_software(
    site: str, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    caplog.set_level(logging.INFO)
    reader, writer = await connection(site)
    writer.write(sent)
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith("HTTP/1.0 400 ")
    assert answer.endswith("\r\n\r\n400 Bad Request\n")
    assert "aiohttp" not in answer.lower()
    assert "python" not in answer.lower()
    (record,) = caplog.records
    assert record.exc_info is None
    assert record.getMessage().startswith("not HTTP: ")


async def test_a_taken_port_is_an_os_error_and_leaves_nothing_behind(site: str) -> None:
    port = int(site.rsplit(":", 1)[1].strip("/"))
    with pytest.raises(OSError, match="address already in use"):
        async with WebServer(web.Application(), "127.0.0.1", port):
            pytest.fail("it must not start")
