"""Hosts are looked at before the first photo comes, with the token: /readyz alone would let a wrong one pass."""

import asyncio
import logging

import pytest

from inference.errors import InferenceUnavailable
from inference.labels import Label
from inference.wire import ProblemCode
from tests.faulty_host import FaultyHost, refuses
from tests.remote_asking import asking

PHOTO = b"photo"


async def until_logged(caplog: pytest.LogCaptureFixture, words: str) -> str:
    while not (found := [each.getMessage() for each in caplog.records if words in each.getMessage()]):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return found[0]


async def test_a_refused_token_is_told_before_any_photo_and_its_host_is_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        FaultyHost(refuses(ProblemCode.UNAUTHORISED), tokens_are_good=False) as bad,
        FaultyHost() as good,
        asking(bad.url, good.url, token="not-the-right-one") as inference,
    ):
        inference.look()
        told = await until_logged(caplog, "does not accept the token")
        assert str(bad.url) in told
        assert "BUNRI_INFERENCE__TOKEN" in told
        for _ in range(10):
            assert (await inference.classify(PHOTO)).label is Label.PLASTIC
        assert bad.got == [], "no photo goes where it would be refused"
        await bad.until(lambda: bad.probes >= 3)
        bad.tokens_are_good = True
        bad.otherwise = good.otherwise
        while not bad.got:
            assert await inference.classify(PHOTO)
    assert "not-the-right-one" not in caplog.text
    assert [each.levelno for each in caplog.records if "does not accept" in each.getMessage()] == [logging.ERROR]


async def test_a_single_host_that_refuses_the_token_is_not_sent_photos(caplog: pytest.LogCaptureFixture) -> None:
    async with FaultyHost(tokens_are_good=False) as host, asking(host.url) as inference:
        inference.look()
        await until_logged(caplog, "does not accept the token")
        with pytest.raises(InferenceUnavailable, match="no_host"):
            await inference.classify(PHOTO)
        assert host.got == []


async def test_hosts_that_are_well_are_looked_at_once_and_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    async with FaultyHost() as one, FaultyHost() as other, asking(one.url, other.url) as inference:
        inference.look()
        await one.until(lambda: one.probes > 0)
        await other.until(lambda: other.probes > 0)
        assert await inference.classify(PHOTO)
        assert (one.probes, other.probes) == (1, 1)
    assert caplog.records == []


async def test_what_is_away_or_not_ready_is_told_and_asked_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    async with FaultyHost() as gone:
        away = gone.url
    async with FaultyHost(ready=False) as host, asking(away, host.url) as inference:
        inference.look()
        await until_logged(caplog, f"{away} cannot be reached")
        await until_logged(caplog, f"{host.url} is starting or shutting down")
        assert await inference.classify(PHOTO), "a start is over sooner than a probe would see it"


async def test_a_client_that_is_closed_while_it_looks_leaves_nothing_behind() -> None:
    async with FaultyHost() as host:
        async with asking(host.url) as inference:
            inference.look()
        assert not [each for each in asyncio.all_tasks() if each.get_name() == "inference-probe"]
