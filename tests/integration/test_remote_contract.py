"""One contract for inference, wherever it runs: in this process, and on a host over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from yarl import URL

from bunri.check import Check, State
from bunri.hosts_check import host_checks
from bunri.settings import InferenceSettings
from bunri.wiring import open_inference, open_local_classifier, open_local_inference
from inference.answer import Classification
from inference.errors import DecodeError, InferenceClosed
from inference.generation import open_generator
from inference.interface import Inference
from inference.labels import Label
from inference.remote.client import RemoteInference
from tests.generator_fixture import generating_weights, packed_generator
from tests.host_site import TOKEN, png, running_host

__all__ = ["generating_weights", "packed_generator"]

MAX_BYTES = 200_000

GOOD = {
    "small": png(90),
    "large": png(20, side=900),
    "tiny": png(250, side=8),
}
BAD = {
    "empty": b"",
    "pdf": b"%PDF-1.7\n" + b"x" * 100,
    "text": b"hello, this is no photo",
    "truncated": png(90, side=400)[:120],
    "corrupt": png(90)[:40] + b"\x00" * 40 + png(90)[80:],
    "too many bytes": b"\xff\xd8\xff" + b"x" * MAX_BYTES,
}


def settings_of(weights: Path, **chosen: object) -> InferenceSettings:
    return InferenceSettings.model_validate(
        {"weights": weights, "backend": "openvino", "max_bytes": MAX_BYTES, "candidates": 1, **chosen}
    )


@asynccontextmanager
async def local(weights: Path) -> AsyncIterator[Inference]:
    inference = await open_local_inference(settings_of(weights))
    try:
        yield inference
    finally:
        await inference.close()


@asynccontextmanager
async def remote(weights: Path) -> AsyncIterator[Inference]:
    async with hosting(weights) as url:
        inference = await open_inference(settings_of(weights, urls=url, token=TOKEN, timeout_s=60, read_timeout_s=60))
        assert isinstance(inference, RemoteInference)
        try:
            yield inference
        finally:
            await inference.close()


@asynccontextmanager
async def hosting(weights: Path) -> AsyncIterator[str]:
    classifier = await asyncio.to_thread(open_local_classifier, settings_of(weights))
    generator = await asyncio.to_thread(open_generator, weights, classifier, "openvino")
    async with running_host(classifier, generator=generator) as site:
        yield site.url


@pytest.fixture(params=["local", "remote"])
async def inference(request: pytest.FixtureRequest, generating_weights: Path) -> AsyncIterator[Inference]:
    async with {"local": local, "remote": remote}[request.param](generating_weights) as opened:
        yield opened


async def outcome(inference: Inference, photo: bytes) -> Classification | tuple[object, ...]:
    try:
        return await inference.classify(photo)
    except DecodeError as error:
        return error.problem, error.limit, error.found


async def test_photos_are_answered_side_by_side(inference: Inference) -> None:
    answered = await asyncio.gather(*(inference.classify(photo) for photo in GOOD.values()))
    assert [len(answer.top) for answer in answered] == [5, 5, 5]


async def test_what_is_no_photo_is_a_typed_error_and_the_next_photo_is_answered(inference: Inference) -> None:
    for photo in BAD.values():
        with pytest.raises(DecodeError):
            await inference.classify(photo)
        assert await inference.classify(GOOD["small"])


async def test_pictures_hang_on_their_seed(inference: Inference) -> None:
    two = await inference.generate(Label.PAPER, 2, 2**31 - 1)
    assert [each.seed for each in two] == [2**31 - 1, 0]
    assert (await inference.generate(Label.PAPER, 1, 0))[0].png == two[1].png
    assert all(each.label is Label.PAPER for each in two)


async def test_numbers_out_of_range_are_refused(inference: Inference) -> None:
    for count, seed in [(0, 1), (17, 1), (1, -1), (1, 2**31)]:
        with pytest.raises(ValueError, match="pictures"):
            await inference.generate(Label.PAPER, count, seed)


async def test_what_is_closed_takes_nothing_more_and_may_be_closed_twice(inference: Inference) -> None:
    await inference.close()
    await inference.close()
    with pytest.raises(InferenceClosed):
        await inference.classify(GOOD["small"])
    with pytest.raises(InferenceClosed):
        await inference.generate(Label.PAPER, 1, 0)


async def test_both_say_the_same_of_the_same_photos_to_the_last_bit(generating_weights: Path) -> None:
    async with local(generating_weights) as here, remote(generating_weights) as there:
        for name, photo in (GOOD | BAD).items():
            assert await outcome(here, photo) == await outcome(there, photo), name
        assert await here.generate(Label.METAL, 3, 7) == await there.generate(Label.METAL, 3, 7)


def _checked(settings: InferenceSettings) -> list[Check]:
    return list(host_checks(settings))


async def test_the_doctor_finds_a_host_well_a_token_wrong_and_a_port_closed(tiny_weights: Path) -> None:
    classifier = await asyncio.to_thread(open_local_classifier, settings_of(tiny_weights))
    async with running_host(classifier) as site:
        # Port 9 is discard's: nobody listens there.
        closed = URL(site.url).with_port(9)
        for token, states in [(TOKEN, [State.OK, State.PROBLEM]), ("a-wrong-token", [State.PROBLEM] * 2)]:
            chosen = settings_of(tiny_weights, urls=f"{site.url}, {closed}", token=SecretStr(token))
            checks = await asyncio.to_thread(_checked, chosen)
            assert [check.state for check in checks] == states
            assert token not in str(checks)
        assert "BUNRI_INFERENCE__TOKEN" in checks[0].remedy
