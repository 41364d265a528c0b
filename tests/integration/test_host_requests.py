"""What an inference host answers and refuses, over real sockets."""

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from inference.classifier import Classifier, open_classifier
from inference.decode import DecodeLimits
from inference.errors import DecodeError
from inference.generation import open_generator
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
    PicturesBody,
    ProblemBody,
    classification_of,
    error_of,
    pictures_of,
)
from tests.broken_images import broken_images
from tests.generator_fixture import generating_weights, packed_generator
from tests.held_backend import HeldBackend
from tests.host_site import OTHER_TOKEN, TOKEN, Site, png, running_host

__all__ = ["generating_weights", "packed_generator"]

MAX_BYTES = 60_000
OPTIONS = HostOptions(
    tokens=(TOKEN, OTHER_TOKEN), max_bytes=MAX_BYTES, in_flight_per_token=3, read_seconds=0.5, uploads=8
)


@pytest.fixture
async def host(tiny_weights: Path) -> AsyncIterator[Site]:
    classifier = open_classifier(tiny_weights, backend="openvino", limits=DecodeLimits(MAX_BYTES))
    async with running_host(classifier, OPTIONS) as site:
        yield site


@pytest.fixture
async def held(tiny_weights: Path) -> AsyncIterator[tuple[Site, HeldBackend]]:
    """A host whose network waits; one worker, one photo may wait."""
    backend = HeldBackend()
    classifier = Classifier(backend, load_manifest(tiny_weights)[0], DecodeLimits())
    async with running_host(classifier, OPTIONS, workers=1, queue_limit=1) as site:
        yield site, backend
        backend.go.set()


async def begun(backend: HeldBackend) -> None:
    assert await asyncio.to_thread(backend.started.acquire, timeout=30)


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
        ({"Content-Type": "image/png", "Content-Encoding": "gzip"}, gzip.compress(b"x"), (415, "unsupported_body")),
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


async def test_no_such_route_and_no_such_method_are_problems_as_well(host: Site) -> None:
    assert (await host.ask("GET", "/v2/classify")).problem() == (404, "not_found")
    answer = await host.ask("GET", "/v1/classify")
    assert answer.problem() == (405, "method")
    assert answer.headers["Allow"] == "POST"


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


async def test_without_a_generator_pictures_are_not_implemented(host: Site) -> None:
    assert (await host.pictures({"label": "metal"})).problem() == (501, "no_generator")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"label": "gold"}, "label"),
        ({"n": 1}, "label"),
        ({"label": "metal", "n": 17}, "n"),
        ({"label": "metal", "seed": -1}, "seed"),
        ({"label": "metal", "private": 1}, "the body"),
        ([], "the body"),
    ],
)
async def test_a_wrong_request_for_pictures_is_told_what_is_wrong_and_not_quoted(
    host: Site, body: object, named: str
) -> None:
    answer = await host.pictures(body)
    assert answer.problem() == (422, "invalid")
    detail = json.loads(answer.body)["detail"]
    assert detail.startswith(f"{named}: ")
    assert "private" not in detail


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 10_000])
async def test_a_request_for_pictures_that_is_no_json_is_refused(host: Site, text: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await host.ask("POST", "/v1/generate", data=text, headers=headers)).problem() == (422, "invalid")


async def test_a_request_for_pictures_that_is_too_long_or_of_another_type_is_refused(host: Site) -> None:
    headers = {"Content-Type": "application/json"}
    huge = b'{"label": "' + b"x" * 20_000
    assert (await host.ask("POST", "/v1/generate", data=huge, headers=headers)).problem() == (413, "too_much")
    assert (await host.ask("POST", "/v1/generate", data=b"{}")).problem() == (415, "unsupported_body")


async def test_pictures_arrive_as_the_engine_makes_them(generating_weights: Path) -> None:
    classifier = open_classifier(generating_weights, backend="openvino", limits=DecodeLimits())
    generator = open_generator(generating_weights, classifier, "openvino")
    async with running_host(classifier, generator=generator) as host:
        answer = await host.pictures({"label": "paper", "n": 3, "seed": 2**31 - 1})
        assert answer.status == 200
        made = pictures_of(PicturesBody.model_validate_json(answer.body))
        assert made == await host.inference.generate(LABELS[7], 3, 2**31 - 1)
        assert [each.seed for each in made] == [2**31 - 1, 0, 1]
        assert (await host.pictures({"label": "paper"})).status == 200
        assert (await host.pictures({"label": "paper", "n": 16}, **{"X-Deadline-Ms": "1"})).problem()[0] == 504


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


def metric(host: Site, name: str, **labels: str) -> float:
    """A sample, from the text that Prometheus reads."""
    for family in text_string_to_metric_families(host.state.figures().decode()):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    raise AssertionError(f"there is no {name} {labels}")


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
