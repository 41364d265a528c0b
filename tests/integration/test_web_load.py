"""The web page's server under hurry, delay, hang-ups and shutdown, over real sockets."""

import asyncio
import logging
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web

from bots.web import WebOptions, WebServer
from inference.http.server import DRAIN_SECONDS
from tests.scripted_inference import ScriptedInference
from tests.web_site import connection, error, running_site, upload_head, visiting


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
        async with asyncio.timeout(30):
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
        async with asyncio.timeout(30):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_a_slow_answer_outlives_the_patience_with_slow_heads(inference: ScriptedInference) -> None:
    inference.gate = asyncio.Event()
    async with running_site(inference, head_seconds=1.0) as url, visiting(url) as someone:
        waiting = asyncio.create_task(someone.send(b"paper"))
        await inference.reached.wait()
        await asyncio.sleep(1.5)
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
