"""The host's OpenAPI document: a running host does what it says, whatever is sent."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from inference.classifier import open_classifier
from inference.decode import DecodeLimits
from inference.host.openapi import document
from inference.host.options import HostOptions
from inference.wire import ProblemBody, ProblemCode, problem
from tests.host_site import TOKEN, running_host

EXAMPLES = int(os.environ.get("BUNRI_CONTRACT", "25"))
"""Requests for each route and each way of making them; acceptance sets more."""

AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def url(tiny_weights: Path) -> Iterator[str]:
    """A host on a loop of its own, since schemathesis calls it synchronously."""
    loop = asyncio.new_event_loop()
    found: list[str] = []
    listening, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        classifier = open_classifier(tiny_weights, backend="openvino", limits=DecodeLimits())
        async with running_host(classifier, HostOptions(tokens=(TOKEN,))) as site:
            found.append(site.url)
            listening.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert listening.wait(200)
    yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_every_status_that_a_problem_may_have_is_in_the_document() -> None:
    told = document()["paths"]
    statuses = {str(problem(code).status) for code in ProblemCode} - {"404", "405"}
    assert statuses <= {*told["/v1/classify"]["post"]["responses"], *told["/v1/generate"]["post"]["responses"]}


def test_every_reference_of_the_document_leads_somewhere() -> None:
    whole = document()

    def references(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for each in value.values():
                yield from references(each)
        elif isinstance(value, list):
            for each in value:
                yield from references(each)

    found = set(references(whole))
    assert len(found) > 8
    for reference in found:
        place: object = whole
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(place, dict)
            place = place[step]


def answers_as_documented(
    url: str, route: tuple[str, str], mode: GenerationMode, headers: dict[str, str], examples: int
) -> None:
    """Requests made from the document, judged by it."""
    method, path = route
    schema = schemathesis.openapi.from_dict(document())
    schema.config.update(base_url=url.rstrip("/"))
    # A host without a generator may say so. And no schema can say which bytes are a photo.
    excluded: list[Any] = [schemathesis.checks.not_a_server_error]
    if route == CLASSIFY:
        excluded.append(schemathesis.checks.positive_data_acceptance)

    @given(schema[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def answers(case: schemathesis.Case[Any]) -> None:
        response = case.call(headers=headers)
        assert response.status_code < 500 or response.status_code in {501, 504}
        case.validate_response(response, excluded_checks=excluded)

    answers()


POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CLASSIFY, GENERATE = ("POST", "/v1/classify"), ("POST", "/v1/generate")


@pytest.mark.parametrize(
    ("route", "mode"),
    [
        (CLASSIFY, POSITIVE),
        (CLASSIFY, NEGATIVE),
        (GENERATE, POSITIVE),
        (GENERATE, NEGATIVE),
        (("GET", "/v1/labels"), POSITIVE),
        (("GET", "/openapi.json"), POSITIVE),
        (("GET", "/readyz"), POSITIVE),
        (("GET", "/healthz"), POSITIVE),
    ],
)
def test_a_host_answers_as_its_document_says(url: str, route: tuple[str, str], mode: GenerationMode) -> None:
    answers_as_documented(url, route, mode, AUTHORISED, EXAMPLES)


@given(st.binary(max_size=2_000))
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_are_sent_as_a_photo_are_refused_in_the_documents_form(url: str, data: bytes) -> None:
    headers = {**AUTHORISED, "Content-Type": "application/octet-stream"}
    answer = requests.post(f"{url}v1/classify", data=data, headers=headers, timeout=60)
    assert answer.status_code in {413, 415, 422}
    assert ProblemBody.model_validate_json(answer.content).status == answer.status_code
