"""Pictures from an inference host."""

import json
from pathlib import Path

import pytest

from inference.classifier import open_classifier
from inference.decode import DecodeLimits
from inference.generation import open_generator
from inference.labels import LABELS
from inference.wire import (
    PicturesBody,
    pictures_of,
)
from tests.generator_fixture import generating_weights, packed_generator
from tests.host_fixture import host
from tests.host_site import Site, running_host

__all__ = ["generating_weights", "host", "packed_generator"]


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
