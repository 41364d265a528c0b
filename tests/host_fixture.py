"""Fixtures: a host with small limits, and one whose network waits until it is told to go on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inference.classifier import Classifier, open_classifier
from inference.decode import DecodeLimits
from inference.host.options import HostOptions
from inference.manifest import load_manifest
from tests.held_backend import HeldBackend
from tests.host_site import OTHER_TOKEN, TOKEN, Site, running_host

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
