"""What a connection may cost a host, and what is said to requests that no handler of ours sees."""

import asyncio
import logging
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from inference.host.problems import plain
from inference.http.server import HttpServer
from tests.host_fixture import host
from tests.host_site import TOKEN, Site

__all__ = ["host"]

HUGE = 64 * 1024 * 1024
"""Bytes: more than the kernel's buffers take."""


async def raw(url: str, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(url).port)
    writer.write(sent)
    came = await reader.read()
    writer.close()
    await writer.wait_closed()
    return came


@pytest.mark.parametrize("path", [b"/v1/classify", b"/nowhere"])
async def test_an_expectation_that_nobody_knows_is_a_problem_and_is_not_quoted(host: Site, path: bytes) -> None:
    came = await raw(host.url, b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nExpect: <private>\r\n\r\n")
    assert came.startswith(b"HTTP/1.1 417 ")
    assert b"application/problem+json" in came
    assert b"private" not in came
    assert b"aiohttp" not in came.lower()


async def test_a_method_of_a_strangers_own_does_not_reach_the_log(host: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    came = await raw(host.url, b"PRIVATE" * 50 + b" /v1/labels HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert came[9:12] in {b"400", b"401"}
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("inference")]
    assert ours
    assert "PRIVATE" not in " ".join(ours)


async def test_a_second_request_behind_a_refused_body_is_not_answered(host: Site) -> None:
    head = f"POST /v1/classify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: text/plain\r\n"
    hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    came = await raw(host.url, f"{head}Content-Length: {2 * len(hidden)}\r\n\r\n".encode() + hidden)
    assert came.count(b"HTTP/1.1 ") == 1
    assert came.startswith(b"HTTP/1.1 415 ")


async def test_a_refused_body_that_cannot_be_unpacked_is_no_fault_of_ours(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The refusal comes before the body; what comes then is read and thrown away, and is not what its head says."""

    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=401)

    app = web.Application()
    app.router.add_post("/", refuse)
    async with HttpServer(app, "127.0.0.1", 0, error_answer=plain) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(server.url).port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 4000\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 401 ")
        writer.write(b"no gzip at all " * 200)
        await writer.drain()
        await reader.read()
        writer.close()
        await writer.wait_closed()
    assert not [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]


async def test_who_takes_nothing_of_an_answer_is_left(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.INFO)

    async def huge(request: web.Request) -> web.Response:
        return web.Response(body=bytes(HUGE))

    app = web.Application()
    app.router.add_get("/", huge)
    async with HttpServer(app, "127.0.0.1", 0, error_answer=plain, answer_seconds=0.2) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(server.url).port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while "an answer was not taken" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        came = 0
        try:
            while more := await reader.read(1 << 20):
                came += len(more)
        except ConnectionError:
            pass
        assert came < HUGE
        writer.close()
