"""What the web page's server refuses, over real sockets: forgeries, floods of bytes, malformed requests."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from bots.web import WebOptions, csrf
from bots.web.headers import SECURITY_HEADERS
from tests.scripted_inference import ScriptedInference
from tests.web_site import Visitor, connection, error, running_site, upload_head, visiting


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


@pytest.mark.parametrize("path", ["static/..%2fapp.py", "static/%2e%2e/app.py", "static/index.html", "static/"])
async def test_nothing_but_the_pages_files_can_be_fetched(site: str, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site}{path}") as answer:
        assert answer.status == 404


async def test_a_wrong_method_is_answered_with_the_right_ones(site: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site}api/classify") as answer:
        assert (await error(answer))[:2] == (405, "method")
        assert answer.headers["Allow"] == "POST"
