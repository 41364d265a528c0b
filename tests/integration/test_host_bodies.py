"""What an inference host says to bodies: broken, too long, of another kind, late, or no HTTP at all."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from inference.errors import DecodeError
from inference.wire import (
    ProblemBody,
    error_of,
)
from tests.broken_images import broken_images
from tests.host_fixture import MAX_BYTES, host
from tests.host_site import TOKEN, Site, png

__all__ = ["host"]


async def test_every_broken_photo_is_refused_as_the_engine_refuses_it(host: Site) -> None:
    small = {name: broken for name, broken in broken_images().items() if len(broken.data) <= MAX_BYTES}
    assert len(small) > 40
    for name, broken in small.items():
        answer = await host.photo(broken.data)
        status, code = answer.problem()
        assert (name, code) == (name, broken.problem.value)
        assert status in {413, 415, 422}
        with pytest.raises(DecodeError) as expected:
            host.inference.classifier.classify(broken.data)
        arrived = error_of(ProblemBody.model_validate_json(answer.body))
        assert vars(arrived) == vars(expected.value)


@pytest.mark.parametrize("as_form", [False, True])
async def test_a_photo_that_is_too_long_is_refused_with_the_limit(host: Site, as_form: bool) -> None:
    data = bytes(MAX_BYTES + 1)
    if as_form:
        form = aiohttp.FormData()
        form.add_field("image", data, filename="x.png", content_type="image/png")
        answer = await host.ask("POST", "/v1/classify", data=form)
    else:
        answer = await host.photo(data)
    assert answer.problem() == (413, "too_many_bytes")
    assert json.loads(answer.body)["limit"] == MAX_BYTES


@pytest.mark.parametrize("announced", [MAX_BYTES + 1, 10**12])
async def test_a_body_that_announces_too_much_is_refused_before_it_is_read(host: Site, announced: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(host.url).port)
    head = f"POST /v1/classify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/png\r\n"
    writer.write(f"{head}Content-Length: {announced}\r\n\r\n".encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"Content-Type": "text/plain"}, b"x", (415, "unsupported_body")),
        ({"Content-Type": "application/json"}, b"{}", (415, "unsupported_body")),
        (
            {"Content-Type": "image/png", "Content-Encoding": "gzip"},
            gzip.compress(b"x", mtime=0),
            (415, "unsupported_body"),
        ),
        ({"Content-Type": "image/png"}, b"", (422, "empty")),
        ({"Content-Type": "multipart/form-data"}, b"x", (422, "invalid")),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b--\r\n", (422, "invalid")),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"", (422, "invalid")),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="photo"\r\n\r\nx\r\n--b--\r\n',
            (422, "invalid"),
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\nx\r\n' * 2 + b"--b--\r\n",
            (422, "invalid"),
        ),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\n" + b"A: b\r\n" * 500, (422, "invalid")),
    ],
)
async def test_a_body_of_another_kind_is_refused(
    host: Site, headers: dict[str, str], body: bytes, expected: tuple[int, str]
) -> None:
    assert (await host.ask("POST", "/v1/classify", headers=headers, data=body)).problem() == expected
    assert (await host.photo(png())).status == 200


async def test_a_body_of_unknown_length_is_refused(host: Site) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield png()

    assert (await host.photo(chunks())).problem() == (411, "no_length")  # type: ignore[arg-type]


async def test_a_body_that_does_not_come_is_given_up(host: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(host.url).port)
    head = f"POST /v1/classify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/png\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\nabc".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    writer.close()
    await writer.wait_closed()


async def test_a_body_that_comes_after_its_callers_deadline_is_not_waited_for(host: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(host.url).port)
    head = f"POST /v1/classify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/png\r\n"
    writer.write(f"{head}X-Deadline-Ms: 20\r\nContent-Length: 100\r\n\r\nabc".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 504 ")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"])
async def test_what_is_no_http_and_heads_without_end_are_problems_as_well(host: Site, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(host.url).port)
    writer.write(sent + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert b"application/problem+json" in answer
    assert b"aiohttp" not in answer.lower()
    assert (await host.photo(png())).status == 200
