"""The limits of an inference host: places, memory, the queue, deadlines, callers who leave."""

import asyncio
from pathlib import Path

import pytest
from yarl import URL

from inference.classifier import Classifier
from inference.decode import DecodeLimits
from inference.host.options import HostOptions
from inference.manifest import load_manifest
from tests.held_backend import HeldBackend
from tests.host_fixture import begun, held, host
from tests.host_site import OTHER_TOKEN, TOKEN, Site, metric, png, running_host

__all__ = ["held", "host"]


async def test_a_token_that_asks_for_too_much_at_once_is_refused_and_the_other_is_not(
    held: tuple[Site, HeldBackend],
) -> None:
    host, backend = held
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(host.url).port)
    head = f"POST /v1/classify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/png\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n".encode())  # takes a place until it is given up
    waiting = [asyncio.create_task(host.photo(png()))]
    await begun(backend)
    waiting.append(asyncio.create_task(host.photo(png())))
    await asyncio.sleep(0.1)
    refused = await host.photo(png())
    assert refused.problem() == (429, "too_many_at_once")
    assert int(refused.headers["Retry-After"]) >= 1
    assert (await host.ask("GET", "/v1/labels", token=OTHER_TOKEN)).status == 200
    assert (await host.ask("GET", "/healthz")).status == 200
    backend.go.set()
    assert [each.status for each in await asyncio.gather(*waiting)] == [200, 200]
    await reader.read()
    writer.close()
    await writer.wait_closed()
    assert (await host.photo(png())).status == 200, "the places are free again"


async def test_large_photos_do_not_fill_the_memory(tiny_weights: Path) -> None:
    backend = HeldBackend()
    classifier = Classifier(backend, load_manifest(tiny_weights)[0], DecodeLimits())
    options = HostOptions(tokens=(TOKEN,), body_bytes=len(png()) + 1)
    async with running_host(classifier, options) as host:
        first = asyncio.create_task(host.photo(png()))
        await begun(backend)
        refused = await host.photo(png())
        assert refused.problem() == (503, "busy")
        assert refused.headers["Retry-After"] == "1"
        backend.go.set()
        assert (await first).status == 200
        assert (await host.photo(png())).status == 200


async def test_a_full_queue_is_said_with_a_time_to_come_back(held: tuple[Site, HeldBackend]) -> None:
    host, backend = held
    waiting = [asyncio.create_task(host.photo(png()))]
    await begun(backend)
    waiting.append(asyncio.create_task(host.photo(png())))
    while not host.inference.queued:  # noqa: ASYNC110 - the engine tells nobody
        await asyncio.sleep(0.01)
    refused = await host.photo(png(), token=OTHER_TOKEN)
    assert refused.problem() == (503, "busy")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    backend.go.set()
    assert [each.status for each in await asyncio.gather(*waiting)] == [200, 200]


async def test_a_deadline_that_passes_in_the_queue_costs_neither_decoding_nor_network(
    held: tuple[Site, HeldBackend],
) -> None:
    host, backend = held
    first = asyncio.create_task(host.photo(png()))
    await begun(backend)
    late = await host.photo(b"nobody looks at this", **{"X-Deadline-Ms": "60"})
    assert late.problem() == (504, "deadline")
    backend.go.set()
    assert (await first).status == 200
    assert backend.calls == 1
    assert metric(host, "bunri_dropped_total") == 1
    assert metric(host, "bunri_decode_errors_total", problem="not_an_image") == 0


async def test_a_caller_who_hangs_up_leaves_nothing_behind(held: tuple[Site, HeldBackend]) -> None:
    host, backend = held
    first = asyncio.create_task(host.photo(png()))
    await begun(backend)
    _, writer = await asyncio.open_connection("127.0.0.1", URL(host.url).port)
    head = f"POST /v1/classify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/png\r\n"
    writer.write(f"{head}Content-Length: {len(png())}\r\n\r\n".encode() + png())
    while not host.inference.queued:  # noqa: ASYNC110 - the engine tells nobody
        await asyncio.sleep(0.01)
    writer.close()
    await writer.wait_closed()
    while host.inference.queued:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    backend.go.set()
    assert (await first).status == 200
    assert backend.calls == 1
    assert metric(host, "bunri_dropped_total") == 1


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1e3", "soon", "", "9" * 30, "1_0", "+5"])
async def test_a_deadline_that_is_no_number_is_refused(host: Site, text: str) -> None:
    assert (await host.photo(png(), **{"X-Deadline-Ms": text})).problem() == (422, "invalid")


async def test_a_generous_deadline_changes_nothing(host: Site) -> None:
    assert (await host.photo(png(), **{"X-Deadline-Ms": "60000"})).status == 200
