"""A client that sends photos: as many at a time as told, or as many a second."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
import numpy as np

CONNECTIONS: Final = 2_000
_PATIENCE: Final = aiohttp.ClientTimeout(total=60)

NO_ANSWER: Final = 0
"""Status of a request whose connection failed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where photos go.

    Attributes:
        url: of the route.
        token: to be shown; "" where none is asked for.
        is_form: whether a photo goes as a form's file ``image`` instead of as the body.

    """

    url: str
    token: str = ""
    is_form: bool = False

    def request(self, http: aiohttp.ClientSession, photo: bytes) -> "aiohttp.client._RequestContextManager":
        """One photo on its way."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.is_form:
            form = aiohttp.FormData()
            form.add_field("image", photo, filename="photo.jpg", content_type="image/jpeg")
            return http.post(self.url, data=form, headers=headers)
        return http.post(self.url, data=photo, headers={**headers, "Content-Type": "image/jpeg"})


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: when it was sent and how long it took, in seconds, and its status."""

    sent: float
    took: float
    status: int

    @property
    def ended(self) -> float:
        """When it was there."""
        return self.sent + self.took


def client() -> aiohttp.ClientSession:
    """The one client that every server is measured with."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS), timeout=_PATIENCE)


async def send(http: aiohttp.ClientSession, endpoint: Endpoint, photo: bytes) -> Reply:
    """One photo there, its answer back."""
    sent = time.perf_counter()
    try:
        async with endpoint.request(http, photo) as answer:
            await answer.read()
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        status = NO_ANSWER
    return Reply(sent, time.perf_counter() - sent, status)


async def by_callers(
    http: aiohttp.ClientSession, endpoint: Endpoint, photos: Sequence[bytes], *, callers: int, seconds: float
) -> list[Reply]:
    """Each caller sends its next photo when its last one is answered (a closed loop)."""
    replies: list[Reply] = []
    turn = itertools.cycle(photos)
    end = time.perf_counter() + seconds

    async def caller() -> None:
        while time.perf_counter() < end:
            replies.append(await send(http, endpoint, next(turn)))

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
    return replies


async def by_rate(
    http: aiohttp.ClientSession, endpoint: Endpoint, photos: Sequence[bytes], *, rate: float, seconds: float, seed: int
) -> list[Reply]:
    """Photos come as people do, so many a second on the average, whatever became of those before (an open loop).

    Times between them are exponential (a Poisson process): averages hide the queues that chance makes.
    """
    gaps = np.random.default_rng(seed).exponential(1 / rate, int(2 * rate * seconds) + 10)
    start = time.perf_counter()
    due = start + np.cumsum(gaps)
    turn = itertools.cycle(photos)
    async with asyncio.TaskGroup() as group:
        tasks = []
        for moment in due[due < start + seconds]:
            wait = float(moment) - time.perf_counter()
            # Behind its time the client still lets the answers in before it sends more.
            await asyncio.sleep(max(0.0, wait))
            tasks.append(group.create_task(send(http, endpoint, next(turn))))
    return [task.result() for task in tasks]
