"""What an inference host answers, to whom, and what it says about itself."""

import asyncio
import json
import logging
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from inference.classifier import Classifier
from inference.decode import DecodeLimits
from inference.host.app import create_host
from inference.host.options import HostOptions
from inference.host.problems import plain
from inference.host.state import HostState
from inference.http.server import HttpServer
from inference.labels import LABELS
from inference.manifest import load_manifest
from inference.wire import (
    ClassificationBody,
    LabelsBody,
    classification_of,
)
from tests.held_backend import HeldBackend
from tests.host_fixture import host
from tests.host_site import OTHER_TOKEN, TOKEN, Site, metric, png, running_host

__all__ = ["host"]


async def test_a_photo_gets_the_answer_of_the_engine_to_the_last_bit_however_it_is_sent(host: Site) -> None:
    expected = host.inference.classifier.classify(png())
    form = aiohttp.FormData()
    form.add_field("image", png(), filename="my.png", content_type="image/png")
    for answer in (
        await host.photo(png()),
        await host.photo(png(), token=OTHER_TOKEN, **{"Content-Type": "application/octet-stream"}),
        await host.ask("POST", "/v1/classify", data=form),
    ):
        assert answer.status == 200, answer.body
        assert classification_of(ClassificationBody.model_validate_json(answer.body)) == expected


async def test_the_labels_and_the_model_are_told(host: Site) -> None:
    answer = await host.ask("GET", "/v1/labels")
    assert LabelsBody.model_validate_json(answer.body) == LabelsBody(labels=LABELS, model="tiny 0", generator=None)


async def test_a_stranger_is_refused_before_anything_is_looked_at(host: Site) -> None:
    routes = (
        ("POST", "/v1/classify"),
        ("POST", "/v1/generate"),
        ("GET", "/v1/labels"),
        ("GET", "/openapi.json"),
        ("GET", "/nowhere"),
    )
    shown = (None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN)
    for method, path in routes:
        for header in shown:
            headers = {} if header is None else {"Authorization": header}
            answer = await host.ask(method, path, token=None, headers=headers)
            assert answer.problem() == (401, "unauthorised"), (method, path, header)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_of_bytes_that_are_no_text_is_a_strangers(host: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(host.url).port)
    writer.write(b"GET /v1/labels HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_the_probes_ask_for_no_token(host: Site, path: str) -> None:
    assert (await host.ask("GET", path, token=None)).status == 200


async def test_no_such_route_and_no_such_method_are_problems_as_well(host: Site) -> None:
    assert (await host.ask("GET", "/v2/classify")).problem() == (404, "not_found")
    answer = await host.ask("GET", "/v1/classify")
    assert answer.problem() == (405, "method")
    assert answer.headers["Allow"] == "POST"


async def test_the_callers_name_of_a_request_comes_back_and_is_in_the_log(
    host: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert (await host.photo(png(), **{"X-Request-Id": "bot-7"})).headers["X-Request-Id"] == "bot-7"
    made = {(await host.photo(png(), **{"X-Request-Id": "two words"})).headers["X-Request-Id"] for _ in range(2)}
    assert len(made) == 2
    assert "two words" not in made
    assert "POST /v1/classify 200" in caplog.text


async def test_neither_photos_nor_tokens_nor_paths_that_are_not_ours_reach_the_log(
    host: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await host.photo(b"private-bytes")
    await host.ask("GET", "/private-path?private=1")
    form = aiohttp.FormData()
    form.add_field("image", b"x", filename="private-name.png", content_type="image/png")
    await host.ask("POST", "/v1/classify", data=form)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("inference")]
    assert ours
    assert "private" not in " ".join(ours)
    assert TOKEN not in caplog.text


async def test_while_the_model_is_loaded_only_the_probes_answer() -> None:
    state = HostState()
    async with (
        HttpServer(create_host(state, HostOptions()), "127.0.0.1", 0, error_answer=plain) as server,
        aiohttp.ClientSession() as http,
    ):
        for path, expected in (("healthz", 200), ("readyz", 503), ("metrics", 200), ("v1/labels", 503)):
            async with http.get(f"{server.url}{path}") as answer:
                assert answer.status == expected
        async with http.post(f"{server.url}v1/classify", data=b"x") as answer:
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "1"
            assert (await answer.json(content_type=None))["code"] == "starting"


async def test_a_draining_host_takes_no_more_and_says_so(host: Site) -> None:
    host.state.draining()
    assert (await host.photo(png())).problem() == (503, "closing")
    answer = await host.ask("GET", "/readyz")
    assert (answer.status, json.loads(answer.body)) == (503, {"status": "draining"})
    assert (await host.ask("GET", "/healthz")).status == 200


async def test_the_metrics_count_what_happened(host: Site) -> None:
    await host.photo(png())
    await host.photo(b"no photo")
    await host.ask("GET", "/nowhere")
    text = (await host.ask("GET", "/metrics", token=None)).body.decode()
    assert len(list(text_string_to_metric_families(text))) >= 10
    assert metric(host, "bunri_requests_total", route="/v1/classify", status="200") == 1
    assert metric(host, "bunri_requests_total", route="/v1/classify", status="415") == 1
    assert metric(host, "bunri_requests_total", route="other", status="404") == 1
    assert metric(host, "bunri_decode_errors_total", problem="not_an_image") == 1
    assert metric(host, "bunri_batch_photos_count") == 1
    assert metric(host, "bunri_model_info", model="tiny 0", backend="openvino cpu int8") == 1
    for stage, count in (("queue", 2), ("decode", 1), ("network", 1)):
        assert metric(host, "bunri_stage_seconds_count", stage=stage) == count
    assert metric(host, "bunri_ready") == 1


async def test_a_fault_of_ours_is_logged_for_us_and_told_to_nobody(
    tiny_weights: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(HeldBackend):
        def logits(self, batch: object) -> object:  # type: ignore[override]
            raise ZeroDivisionError("our fault")

    classifier = Classifier(Faulty(), load_manifest(tiny_weights)[0], DecodeLimits())  # type: ignore[arg-type]
    async with running_host(classifier) as host:
        answer = await host.photo(png())
        assert answer.problem() == (500, "internal")
        assert b"our fault" not in answer.body
    assert "ZeroDivisionError" in caplog.text
