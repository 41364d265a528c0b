"""The figures of the host's bench, and the client that takes them, over real sockets."""

import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image

from bunri.benchmark.host.bound import Bound
from bunri.benchmark.host.figures import (
    LITSERVE,
    RAY,
    TORCH,
    HostFigures,
    Latency,
    Overload,
    answered_per_second,
    host_targets,
    latency,
)
from bunri.benchmark.host.load import NO_ANSWER, Endpoint, Reply, by_callers, by_rate, client
from bunri.benchmark.host.page import PLOT, write_page

OVERLOAD = Overload(
    offered=150.0,
    goodput=50.0,
    refused=0.6,
    other=0.0,
    refusal=Latency(3.0, 9.0, 100),
    growth_mb=1.0,
    recovery_s=1.0,
)
FIGURES = HostFigures(
    bound=Bound(look=120.0, network=80.0),
    bare_ms=20.0,
    alone=Latency(25.0, 40.0, 100),
    peak=45.0,
    client_share=0.1,
    peers={TORCH: 5.0, LITSERVE: 25.0, RAY: None},
    by_load={0.5: Latency(30.0, 70.0, 100), 0.7: Latency(35.0, 90.0, 100)},
    overload=OVERLOAD,
    memory_mb=250.0,
)


def test_the_bound_is_the_sum_of_the_times_of_both() -> None:
    assert Bound(look=120.0, network=80.0).photos_per_second == pytest.approx(48.0)


def test_targets_are_ratios_within_the_run() -> None:
    found = {target.name: target for target in host_targets(FIGURES)}
    assert found["peak / the processor's bound"].value == pytest.approx(45 / 48)
    assert found[f"peak / {TORCH}"].value == pytest.approx(9.0)
    assert found[f"peak / {LITSERVE}"].value == pytest.approx(1.8)
    assert found[f"peak / {RAY}"].met is None
    assert found["p50 alone / bare call and decoding"].value == pytest.approx(1.25)
    assert found["p99 at 70 % load / p50 alone"].value == pytest.approx(3.6)
    assert all(target.met for target in found.values() if target.value is not None)
    worse = replace(
        FIGURES,
        peak=24.0,
        alone=Latency(31.0, 40.0, 9),
        by_load={0.7: Latency(50.0, 140.0, 9)},
        overload=replace(OVERLOAD, goodput=10.0, other=0.01, growth_mb=30.0, recovery_s=math.inf),
        memory_mb=501.0,
    )
    assert not any(target.met for target in host_targets(worse))


def test_only_answers_count_and_only_those_within_the_time() -> None:
    replies = [Reply(0.0, 0.5, 200), Reply(0.0, 2.0, 200), Reply(0.0, 0.1, 503), Reply(0.0, 0.1, NO_ANSWER)]
    assert answered_per_second(replies, 0.0, 1.0) == 1.0
    answered = latency(replies)
    assert (answered.p50_ms, answered.photos) == (1250.0, 2)
    assert answered.p99_ms == pytest.approx(1985.0)
    assert latency(replies, 503).photos == 1
    assert math.isnan(latency(replies[2:]).p50_ms)


def test_the_page_tells_every_target_and_shows_the_plot(tmp_path: Path) -> None:
    write_page(
        tmp_path / "performance.md",
        replace(FIGURES, memory_mb=600.0),
        machine="cpu x, cores 2",
        model="m 1",
        command="bunri bench --http",
        date="2026-01-02",
        notes="A miss is explained here.",
    )
    page = (tmp_path / "performance.md").read_text("utf-8")
    assert page.count(": met |") == 9
    assert page.count("**missed**") == 1
    assert page.count("not measured here") == 1
    assert page.rstrip().endswith("A miss is explained here.")
    assert "Measured 2026-01-02 by `bunri bench --http` on cpu x, cores 2" in page
    with Image.open(tmp_path / "images" / PLOT) as plot:
        assert plot.format == "PNG"


@asynccontextmanager
async def answering() -> AsyncIterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server that takes every other photo, as a body or as a form."""
    came: list[tuple[str, bytes]] = []

    async def handle(request: web.Request) -> web.Response:
        if request.content_type == "multipart/form-data":
            field = (await request.post())["image"]
            assert isinstance(field, web.FileField)
            came.append(("form", field.file.read()))
        else:
            came.append((request.headers.get("Authorization", ""), await request.read()))
        return web.Response(status=200 if len(came) % 2 else 503)

    app = web.Application()
    app.router.add_post("/v1/classify", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/v1/classify", came
    finally:
        await runner.cleanup()


async def test_callers_send_photo_after_photo_as_a_body_or_as_a_form() -> None:
    async with answering() as (url, came), client() as http:
        replies = await by_callers(http, Endpoint(url, "secret"), [b"one", b"two"], callers=2, seconds=1.0)
        assert len(replies) == len(came)
        assert {reply.status for reply in replies} == {200, 503}
        assert set(came) == {("Bearer secret", b"one"), ("Bearer secret", b"two")}
        await by_callers(http, Endpoint(url, is_form=True), [b"three"], callers=1, seconds=0.5)
        assert ("form", b"three") in came


async def test_photos_come_at_the_rate_asked_for_whatever_becomes_of_them() -> None:
    async with answering() as (url, came), client() as http:
        began = time.perf_counter()
        replies = await by_rate(http, Endpoint(url), [b"one"], rate=200.0, seconds=0.5, seed=3)
        assert len(replies) == len(came)
        # A hundred on the average; six standard deviations of a Poisson process are 60.
        assert 40 < len(replies) < 160
        assert all(began <= reply.sent <= began + 60 for reply in replies)
    replies = await by_rate(http := client(), Endpoint(url), [b"one"], rate=50.0, seconds=0.1, seed=4)
    await http.close()
    assert {reply.status for reply in replies} <= {NO_ANSWER}
