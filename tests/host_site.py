"""An inference host on a free port, in this process, and what callers send to it."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from inference.classifier import Classifier
from inference.engine import LocalInference
from inference.generation import PictureGenerator
from inference.host.app import create_host
from inference.host.options import HostOptions
from inference.host.problems import plain
from inference.host.state import HostState
from inference.http.server import HttpServer
from inference.wire import CLASSIFY_PATH, GENERATE_PATH, ProblemBody

TOKEN, OTHER_TOKEN = "a-token-that-is-long-enough", "another-token-of-another-bot"


def png(level: int = 90, side: int = 80) -> bytes:
    """A photo of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side * 3 // 4), (level, 120, 40)).save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True)
class Site:
    """A running host."""

    url: str
    state: HostState
    inference: LocalInference
    http: aiohttp.ClientSession

    async def photo(self, photo: bytes, *, token: str | None = TOKEN, **headers: str) -> "Answer":
        """Send a photo as it is."""
        sent = {"Content-Type": "image/png", **headers}
        return await self.ask("POST", CLASSIFY_PATH, token=token, data=photo, headers=sent)

    async def pictures(self, body: object, **headers: str) -> "Answer":
        """Ask for pictures."""
        return await self.ask("POST", GENERATE_PATH, json=body, headers=headers)

    async def ask(
        self, method: str, path: str, *, token: str | None = TOKEN, headers: dict[str, str] | None = None, **body: Any
    ) -> "Answer":
        """Anything."""
        known = {} if token is None else {"Authorization": f"Bearer {token}"}
        url = f"{self.url.rstrip('/')}{path}"
        async with self.http.request(method, url, headers={**known, **(headers or {})}, **body) as answer:
            return Answer(answer.status, answer.headers.copy(), await answer.read())


@dataclass(frozen=True)
class Answer:
    """What a host said."""

    status: int
    headers: Any
    body: bytes

    def problem(self) -> tuple[int, str]:
        """Status and code of an answer that must be problem details in every respect."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.body
        told = ProblemBody.model_validate_json(self.body)
        assert told.status == self.status
        assert told.type == "about:blank"
        return self.status, told.code


@asynccontextmanager
async def running_host(
    classifier: Classifier,
    options: HostOptions | None = None,
    *,
    generator: PictureGenerator | None = None,
    workers: int = 2,
    queue_limit: int = 256,
    head_seconds: float = 15.0,
    drain_seconds: float = 10.0,
) -> AsyncIterator[Site]:
    """A host with this model; closes it. Everybody is let in with either token."""
    state = HostState()
    inference = LocalInference(
        classifier, workers=workers, generator=generator, queue_limit=queue_limit, observer=state.metrics
    )
    app = create_host(state, options or HostOptions(tokens=(TOKEN, OTHER_TOKEN)))
    server = HttpServer(
        app,
        "127.0.0.1",
        0,
        error_answer=plain,
        head_seconds=head_seconds,
        drain_seconds=drain_seconds,
        cancels=True,
    )
    try:
        async with server, aiohttp.ClientSession() as http:
            state.started(inference)
            yield Site(server.url, state, inference, http)
            state.draining()
    finally:
        await inference.close()


def metric(host: Site, name: str, **labels: str) -> float:
    """A sample, from the text that Prometheus reads."""
    for family in text_string_to_metric_families(host.state.figures().decode()):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    raise AssertionError(f"there is no {name} {labels}")
