"""Looks now and then whether hosts that are left out are ready again."""

import asyncio
import logging
import random
from collections.abc import Sequence
from typing import Final

import aiohttp

from inference.remote.address import path_on
from inference.remote.host import Host

_log = logging.getLogger(__name__)

READY_PATH: Final = "/readyz"
_MOST_BYTES: Final = 4096


class Prober:
    """Asks ``GET /readyz`` of the hosts that are out; works only while one is. Belongs to one event loop."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        hosts: Sequence[Host],
        rng: random.Random,
        *,
        every_s: float,
        patience_s: float,
    ) -> None:
        """Do nothing yet.

        Args:
            http: the session.
            hosts: all of them.
            rng: spreads the looks of several processes.
            every_s: seconds between two looks at a host.
            patience_s: seconds for an answer.

        """
        self._http = http
        self._hosts = hosts
        self._rng = rng
        self._every_s = every_s
        self._timeout = aiohttp.ClientTimeout(total=patience_s)
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Look until no host is out. Call it when one may be."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="inference-probe")

    async def close(self) -> None:
        """Stop at once. Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _look(self) -> None:
        while out := [host for host in self._hosts if host.is_out]:
            await asyncio.sleep(self._every_s * self._rng.uniform(0.5, 1.0))
            await asyncio.gather(*map(self._probe, out))

    async def _probe(self, host: Host) -> None:
        try:
            async with self._http.get(
                path_on(host.url, READY_PATH), timeout=self._timeout, allow_redirects=False
            ) as answer:
                # The rest of an endless answer is not waited for: the connection is given up instead.
                await answer.content.read(_MOST_BYTES)
                is_ready = answer.status == 200
        except (aiohttp.ClientError, OSError):
            return
        if is_ready:
            host.breaker.probed_well()
