"""Whatever a host does, a caller gets an answer or a typed error within the time, and nothing is left behind."""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from yarl import URL

from inference.errors import (
    DecodeError,
    DecodeProblem,
    GenerationUnavailable,
    InferenceClosed,
    InferenceUnavailable,
)
from inference.labels import Label
from inference.remote.tls import tls_of
from inference.request_id import request_id
from inference.wire import ProblemCode
from tests.faulty_host import (
    Behaviour,
    FaultyHost,
    answers,
    authority,
    classifies,
    cut_off,
    drips,
    endless,
    raw,
    refuses,
    resets,
    silent,
)
from tests.remote_asking import PATIENCE_S, asking

PHOTO = b"photo"


@asynccontextmanager
async def running(*behaviours: Behaviour) -> AsyncIterator[list[FaultyHost]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(FaultyHost(behaviour)) for behaviour in behaviours]


async def closed_port() -> URL:
    """An address where nobody listens."""
    async with FaultyHost() as host:
        return host.url


async def test_an_answer_says_who_asks_for_how_long_and_with_what_token() -> None:
    async with running(classifies()) as (host,), asking(host.url, token="a-secret-token") as inference:
        request_id.set("0123abcd")
        assert (await inference.classify(PHOTO)).label is Label.PLASTIC
    (got,) = host.got
    assert got.line == "POST /v1/classify HTTP/1.1"
    assert got.body == PHOTO
    assert got.headers["authorization"] == "Bearer a-secret-token"
    assert got.headers["x-request-id"] == "0123abcd"
    assert 0 < int(got.headers["x-deadline-ms"]) <= 8000


async def test_a_large_photo_arrives_whole() -> None:
    photo = random.Random(1).randbytes(3_000_000)
    async with running(classifies()) as (host,), asking(host.url) as inference:
        await inference.classify(photo)
    assert host.got[0].body == photo


async def test_a_photo_over_the_limit_is_not_sent() -> None:
    async with running(classifies()) as (host,), asking(host.url, max_bytes=4) as inference:
        with pytest.raises(DecodeError) as caught:
            await inference.classify(PHOTO)
    assert (caught.value.problem, caught.value.limit) == (DecodeProblem.TOO_MANY_BYTES, 4)
    assert host.got == []


HTML = b"<html><body>Bad Gateway, said the proxy</body></html>"
GOOD = b'{"label": "paper"'

FAULTS: dict[str, tuple[Behaviour, str]] = {
    "resets": (resets, "broken_off"),
    "silent": (silent, "silent"),
    "cut off": (cut_off(GOOD, 4000), "broken_off"),
    "ends without a head": (raw(b"HTTP/1.1 200"), "broken_off"),
    "no HTTP": (raw(b"220 mail.example ESMTP\r\n\r\n"), "nonsense"),
    "endless": (endless, "nonsense"),
    "drips": (drips, "deadline"),
    "html": (answers(HTML, content_type="text/html"), "nonsense"),
    "a page of the proxy": (answers(HTML, status=502, content_type="text/html"), "unwell"),
    "garbage": (answers(b"\xff\x00garbage"), "nonsense"),
    "another object": (answers(b'{"label": "paper"}'), "nonsense"),
    "a list": (answers(b"[]"), "nonsense"),
    "deep": (answers(b"[" * 50_000), "nonsense"),
    "unknown label": (
        answers(
            b'{"label": "gold", "confidence": 1, "top": [{"label": "gold", "p": 1}], "decision": "answer",'
            b' "candidates": [], "hazards": [], "waste_score": 1, "notices": [], "model": "m", "fingerprint": ""}'
        ),
        "nonsense",
    ),
    "not a number": (
        answers(
            b'{"label": "paper", "confidence": NaN, "top": [{"label": "paper", "p": 1}], "decision": "answer",'
            b' "candidates": [], "hazards": [], "waste_score": 1, "notices": [], "model": "m", "fingerprint": ""}'
        ),
        "nonsense",
    ),
    "moved": (answers(b"", status=307, headers={"Location": "http://127.0.0.1:9/"}), "nonsense"),
    "compressed": (answers(b"x", headers={"Content-Encoding": "gzip"}), "nonsense"),
    "two lengths": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        "nonsense",
    ),
    "problem without sense": (
        answers(b"{}", status=503, content_type="application/problem+json"),
        "unwell",
    ),
    "wrong token": (refuses(ProblemCode.UNAUTHORISED), "unauthorised"),
    "wrong path": (refuses(ProblemCode.NOT_FOUND), "misplaced"),
    "deadline": (refuses(ProblemCode.DEADLINE), "late"),
    "closing": (refuses(ProblemCode.CLOSING, Retry_After="60"), "closing"),
    "busy": (refuses(ProblemCode.BUSY, Retry_After="60"), "busy"),
    "limited": (refuses(ProblemCode.TOO_MANY_AT_ONCE, Retry_After="60"), "busy"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_single_host_that_fails_gives_the_typed_error_in_time(name: str) -> None:
    behaviour, reason = FAULTS[name]
    async with running(behaviour) as (host,), asking(host.url, timeout_s=3.0) as inference:
        started = time.monotonic()
        with pytest.raises(InferenceUnavailable) as caught:
            await inference.classify(PHOTO)
        assert time.monotonic() - started < PATIENCE_S / 2
    assert caught.value.reason == reason
    assert host.got


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in {"deadline", "drips"}])
async def test_another_host_answers_instead(name: str) -> None:
    behaviour, _ = FAULTS[name]
    async with running(behaviour, classifies()) as (bad, good), asking(bad.url, good.url) as inference:
        while not bad.got:
            assert (await inference.classify(PHOTO)).label is Label.PLASTIC
    assert good.got


@pytest.mark.parametrize("name", ["deadline", "wrong token", "wrong path", "html", "silent", "moved", "compressed"])
async def test_a_host_is_not_asked_again_where_that_cannot_help(name: str) -> None:
    async with running(FAULTS[name][0]) as (host,), asking(host.url) as inference:
        with pytest.raises(InferenceUnavailable):
            await inference.classify(PHOTO)
    assert len(host.got) == 1


@pytest.mark.parametrize(
    "behaviour", [resets, answers(HTML, status=502, content_type="text/html"), cut_off(GOOD, 4000)]
)
async def test_a_host_is_asked_again_where_that_may_help(behaviour: Behaviour) -> None:
    async with FaultyHost(script=deque([behaviour, behaviour])) as host, asking(host.url) as inference:
        assert (await inference.classify(PHOTO)).label is Label.PLASTIC
    assert len(host.got) == 3
    assert len({got.headers["x-request-id"] for got in host.got}) == 1, "it is one request to whoever reads the logs"
    left = [int(got.headers["x-deadline-ms"]) for got in host.got]
    assert left == sorted(left, reverse=True), "the attempts share one deadline"


@pytest.mark.parametrize("problem", [DecodeProblem.CORRUPT, DecodeProblem.NOT_AN_IMAGE, DecodeProblem.TOO_MANY_PIXELS])
async def test_a_photo_that_is_refused_is_refused_at_once(problem: DecodeProblem) -> None:
    async with running(refuses(problem), refuses(problem)) as hosts, asking(*(host.url for host in hosts)) as inference:
        with pytest.raises(DecodeError) as caught:
            await inference.classify(PHOTO)
    assert caught.value.problem is problem
    assert sum(len(host.got) for host in hosts) == 1


async def test_bad_photos_do_not_speak_against_a_host() -> None:
    async with FaultyHost(refuses(DecodeProblem.CORRUPT)) as host, asking(host.url, failures=1) as inference:
        for _ in range(5):
            with pytest.raises(DecodeError):
                await inference.classify(PHOTO)
        host.otherwise = classifies()
        assert await inference.classify(PHOTO)


async def test_the_wish_of_a_busy_host_is_respected() -> None:
    busy = refuses(ProblemCode.BUSY, Retry_After="1")
    async with FaultyHost(script=deque([busy])) as host, asking(host.url) as inference:
        started = time.monotonic()
        assert await inference.classify(PHOTO)
        assert time.monotonic() - started >= 1.0
    assert len(host.got) == 2


async def test_a_host_that_wants_more_patience_than_there_is_time_is_not_waited_for() -> None:
    async with running(refuses(ProblemCode.BUSY, Retry_After="30")) as (host,), asking(host.url) as inference:
        for _ in range(2):
            with pytest.raises(InferenceUnavailable) as caught:
                await inference.classify(PHOTO)
            assert caught.value.reason == "busy"
            assert caught.value.retry_after is not None
            assert caught.value.retry_after > 20
    assert len(host.got) == 1


async def test_nobody_there_is_an_error_at_once() -> None:
    async with asking(await closed_port()) as inference:
        with pytest.raises(InferenceUnavailable, match="unreachable"):
            await inference.classify(PHOTO)
        with pytest.raises(InferenceUnavailable, match="no_host"):
            await inference.classify(PHOTO)


async def test_two_of_three_hosts_down_are_not_noticed() -> None:
    down = [await closed_port(), await closed_port()]
    async with running(classifies()) as (host,), asking(*down, host.url) as inference:
        answered = await asyncio.gather(*(inference.classify(PHOTO) for _ in range(20)))
    assert len(answered) == 20


async def test_all_of_three_hosts_down_is_the_typed_error() -> None:
    down = [await closed_port() for _ in range(3)]
    async with asking(*down) as inference:
        results = await asyncio.gather(*(inference.classify(PHOTO) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(result, InferenceUnavailable) for result in results)


async def test_a_host_killed_in_the_middle_of_a_request_costs_nothing_where_there_is_another() -> None:
    async with running(silent, silent) as (one, other), asking(one.url, other.url, read_s=20) as inference:
        other.news = one.news
        call = asyncio.create_task(inference.classify(PHOTO))
        await one.until(lambda: bool(one.got or other.got))
        asked, spare = (one, other) if one.got else (other, one)
        spare.otherwise = classifies()
        await asked.die()
        assert (await call).label is Label.PLASTIC


async def test_a_host_that_comes_back_is_found_by_the_probe_and_used_again() -> None:
    async with FaultyHost() as host, asking(host.url, failures=1) as inference:
        assert await inference.classify(PHOTO)
        port = host.port
        await host.die()
        with pytest.raises(InferenceUnavailable):
            await inference.classify(PHOTO)
        async with FaultyHost(port=port) as again:
            # It is left out for a minute: only the probe can bring it back before.
            await again.until(lambda: again.probes > 0)
            while True:
                try:
                    assert await inference.classify(PHOTO)
                    break
                except InferenceUnavailable:
                    await asyncio.sleep(0.01)
            assert again.got


async def test_a_host_that_is_not_ready_stays_out() -> None:
    async with FaultyHost(resets, ready=False) as host, asking(host.url) as inference:
        for _ in range(2):
            with pytest.raises(InferenceUnavailable):
                await inference.classify(PHOTO)
        asked = len(host.got)
        await host.until(lambda: host.probes >= 3)
        with pytest.raises(InferenceUnavailable, match="no_host"):
            await inference.classify(PHOTO)
        assert len(host.got) == asked


async def test_an_own_authority_is_believed(tmp_path: Path) -> None:
    tls = authority().server(tmp_path)
    async with (
        FaultyHost(tls=tls) as host,
        asking(host.url, tls=tls_of(authority().write(tmp_path))) as inference,
    ):
        assert await inference.classify(PHOTO)


@pytest.mark.parametrize(
    ("address", "days", "believes", "words"),
    [
        ("127.0.0.1", 1, False, "unable to get local issuer"),
        ("127.0.0.1", -1, True, "expired"),
        ("127.0.0.2", 1, True, "mismatch"),
    ],
    ids=["unknown authority", "expired", "another name"],
)
async def test_a_wrong_certificate_is_an_outage_to_residents_and_a_clear_line_to_operators(
    address: str, days: int, believes: bool, words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tls = authority().server(tmp_path, address=address, days=days)
    trusted = tls_of(authority().write(tmp_path)) if believes else None
    async with FaultyHost(tls=tls) as host, asking(host.url, tls=trusted, failures=100) as inference:
        for _ in range(5):
            with pytest.raises(InferenceUnavailable, match="untrusted"):
                await inference.classify(PHOTO)
    assert host.got == [], "neither photo nor token was sent"
    (record,) = [record for record in caplog.records if record.name.startswith("inference")]
    assert record.levelno == logging.ERROR
    assert words in record.getMessage()
    assert "BUNRI_INFERENCE__CA_FILE" in record.getMessage()


async def test_a_wrong_token_is_told_to_the_operator_once_without_the_token(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        running(refuses(ProblemCode.UNAUTHORISED)) as (host,),
        asking(host.url, token="not-the-right-one", failures=100) as inference,
    ):
        for _ in range(5):
            with pytest.raises(InferenceUnavailable, match="unauthorised"):
                await inference.classify(PHOTO)
    (record,) = [record for record in caplog.records if record.name.startswith("inference")]
    assert record.levelno == logging.ERROR
    assert "BUNRI_INFERENCE__TOKEN" in record.getMessage()
    assert "not-the-right-one" not in caplog.text


async def test_a_caller_who_leaves_takes_the_request_along() -> None:
    async with running(silent) as (host,), asking(host.url, read_s=20, failures=1) as inference:
        call = asyncio.create_task(inference.classify(PHOTO))
        await host.until(lambda: bool(host.got))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        host.otherwise = classifies()
        assert await inference.classify(PHOTO), "that somebody left does not speak against the host"


async def test_closing_lets_calls_in_flight_end_and_refuses_new_ones() -> None:
    async with running(silent) as (host,), asking(host.url, timeout_s=1.0, read_s=0.3) as inference:
        calls = [asyncio.create_task(inference.classify(PHOTO)) for _ in range(5)]
        await host.until(lambda: bool(host.got))
        closing = asyncio.create_task(inference.close())
        await asyncio.sleep(0)
        with pytest.raises(InferenceClosed):
            await inference.classify(PHOTO)
        results = await asyncio.gather(*calls, return_exceptions=True)
        await closing
    assert all(isinstance(result, InferenceUnavailable) for result in results)


async def test_a_generator_elsewhere_is_found_and_none_anywhere_is_said() -> None:
    none, busy = refuses(ProblemCode.NO_GENERATOR), refuses(ProblemCode.GENERATOR_BUSY)
    async with running(none, none) as (one, other), asking(one.url, other.url) as inference:
        with pytest.raises(GenerationUnavailable) as caught:
            await inference.generate(Label.PAPER, 1, 7)
        assert not caught.value.is_busy
        assert (len(one.got), len(other.got)) == (1, 1)
    async with running(busy) as (host,), asking(host.url) as inference:
        with pytest.raises(GenerationUnavailable) as caught:
            await inference.generate(Label.PAPER, 1, 7)
        assert caught.value.is_busy


@pytest.mark.parametrize(
    "body",
    [
        b'{"images": [], "label": "paper", "model": "m"}',
        b'{"images": [{"b64_json": "!", "seed": 7, "fingerprint": ""}], "label": "paper", "model": "m"}',
        b'{"images": [{"b64_json": "aGFsbG8=", "seed": 7, "fingerprint": ""}], "label": "paper", "model": "m"}',
        b'{"images": [{"b64_json": "iVBORw0KGgo=", "seed": 8, "fingerprint": ""}], "label": "paper", "model": "m"}',
    ],
)
async def test_what_is_not_the_picture_that_was_asked_for_is_not_shown(body: bytes) -> None:
    async with running(answers(body)) as (host,), asking(host.url) as inference:
        with pytest.raises(InferenceUnavailable, match="nonsense"):
            await inference.generate(Label.PAPER, 1, 7)
    assert host.got[0].body == b'{"label": "paper", "n": 1, "seed": 7}'
