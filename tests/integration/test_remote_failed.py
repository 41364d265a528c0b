"""A photo at which hosts fail (500): another host is asked, then the resident is told; it is no outage."""

import logging
from collections import deque
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from inference.errors import DecodeError, DecodeProblem, HostsFailed, InferenceUnavailable
from inference.labels import Label
from inference.wire import ProblemCode
from tests.databases import until_finished
from tests.fake_telegram.bot import running_bot
from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.updates import Person, Script
from tests.faulty_host import Behaviour, FaultyHost, answers, classifies, refuses, resets
from tests.remote_asking import asking
from tests.scripted_inference import verdict

PHOTO = b"photo"
FAILS = refuses(ProblemCode.INTERNAL)
PAGE = answers(b"<html>no</html>", status=500, content_type="text/html")


@pytest.mark.parametrize("fails", [FAILS, PAGE])
async def test_another_host_is_asked_and_the_one_that_failed_is_left_out_in_the_end(fails: Behaviour) -> None:
    async with FaultyHost(fails) as bad, FaultyHost() as good, asking(bad.url, good.url) as inference:
        while len(bad.got) < 3:
            assert (await inference.classify(PHOTO)).label is Label.PLASTIC
        for _ in range(10):
            assert (await inference.classify(PHOTO)).label is Label.PLASTIC
        assert len(bad.got) == 3, "others could answer what it could not: the fault was its own"
        await bad.until(lambda: bad.probes > 0)


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_a_photo_at_which_every_host_fails_is_asked_of_each_once(count: int) -> None:
    async with AsyncExitStack() as stack:
        hosts = [await stack.enter_async_context(FaultyHost(FAILS)) for _ in range(count)]
        inference = await stack.enter_async_context(asking(*(host.url for host in hosts)))
        with pytest.raises(HostsFailed, match="request "):
            await inference.classify(PHOTO)
        assert [len(host.got) for host in hosts] == [1] * count


async def test_of_many_hosts_no_more_are_asked_than_there_are_attempts() -> None:
    async with AsyncExitStack() as stack:
        hosts = [await stack.enter_async_context(FaultyHost(FAILS)) for _ in range(5)]
        inference = await stack.enter_async_context(asking(*(host.url for host in hosts), attempts=2))
        with pytest.raises(HostsFailed):
            await inference.classify(PHOTO)
        assert sum(len(host.got) for host in hosts) == 2


async def test_photos_at_which_all_fail_do_not_speak_against_the_hosts() -> None:
    async with (
        FaultyHost(FAILS) as one,
        FaultyHost(FAILS) as other,
        asking(one.url, other.url, failures=1) as inference,
    ):
        for _ in range(5):
            with pytest.raises(HostsFailed):
                await inference.classify(PHOTO)
        one.otherwise = other.otherwise = classifies()
        for _ in range(5):
            assert await inference.classify(PHOTO)
    assert (one.probes, other.probes) == (0, 0)


async def test_a_host_that_cannot_be_reached_may_be_the_one_that_can() -> None:
    async with FaultyHost() as gone:
        down = gone.url
    async with FaultyHost(FAILS) as bad, asking(bad.url, down) as inference:
        for _ in range(4):
            with pytest.raises(InferenceUnavailable):
                await inference.classify(PHOTO)


@pytest.mark.parametrize("otherwise", [resets, refuses(ProblemCode.CLOSING, Retry_After="60")])
async def test_beside_an_outage_a_failure_is_an_outage(otherwise: Behaviour) -> None:
    async with FaultyHost(FAILS) as bad, FaultyHost(otherwise) as away, asking(bad.url, away.url) as inference:
        for _ in range(4):
            with pytest.raises(InferenceUnavailable):
                await inference.classify(PHOTO)


async def test_a_host_that_refuses_a_photo_after_another_failed_is_believed() -> None:
    corrupt = refuses(DecodeProblem.CORRUPT)
    async with FaultyHost(FAILS) as bad, FaultyHost(corrupt) as good, asking(bad.url, good.url) as inference:
        while not bad.got:
            with pytest.raises(DecodeError, match="corrupt"):
                await inference.classify(PHOTO)


@pytest.mark.parametrize("behaviour", [refuses(ProblemCode.INVALID), answers(b"", status=413, content_type="x/y")])
async def test_a_request_that_no_host_will_have_is_no_outage_either(behaviour: Behaviour) -> None:
    async with FaultyHost(behaviour) as host, asking(host.url) as inference:
        with pytest.raises(HostsFailed, match="refused"):
            await inference.classify(PHOTO)
    assert len(host.got) == 1


async def test_the_resident_is_told_once_in_their_language_and_the_log_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    async with FakeTelegram() as telegram, FaultyHost(FAILS) as one, FaultyHost(FAILS) as other:
        telegram.files["a"] = PHOTO
        async with (
            asking(one.url, other.url) as inference,
            running_bot(telegram, inference, tmp_path, postpone_s=0.01) as (_, database),
        ):
            telegram.feed(script.photo(Person(), "a"))
            await telegram.until(lambda: telegram.sent)
            await until_finished(database)
            (row,) = (await database.my_data(database.secret.user_key("telegram", str(Person().id)))).queries
            assert (row.kind, row.problem) == ("photo", "failed")
            one.script = other.script = deque([classifies(verdict(Label.PAPER))] * 2)
            telegram.feed(script.photo(Person(), "a"))
            await telegram.until(lambda: len(telegram.sent) >= 2)
        assert telegram.problems == []
    assert len(one.got) + len(other.got) == 3, "each host once, and once for the next photo"
    assert "저희 쪽 문제로 이 사진을 보지 못했어요" in telegram.sent[0]["text"]
    assert "종이" in telegram.sent[1]["text"]
    name = one.got[0].headers["x-request-id"]
    errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert any(name in each for each in errors), "an operator finds the photo in the host's log by this name"
