"""Looks whether hosts are ready and take the token: all at the start, then those that are left out."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

import aiohttp

from inference.remote.address import path_on
from inference.remote.exchange import fault_of
from inference.remote.fault import Fault, HostFault
from inference.remote.host import Host
from inference.remote.reading import fault_of_status
from inference.wire import LABELS_PATH

READY_PATH: Final = "/readyz"
_MOST_BYTES: Final = 4096


class Prober:
    """Asks ``GET /readyz`` and, since that needs no token, ``GET /v1/labels``. Belongs to one event loop.

    Works only while a host is out.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        hosts: Sequence[Host],
        rng: random.Random,
        *,
        headers: Mapping[str, str],
        tell: Callable[[Host, HostFault], None],
        every_s: float,
        patience_s: float,
    ) -> None:
        """Do nothing yet.

        Args:
            http: the session.
            hosts: all of them.
            rng: spreads the looks of several processes.
            headers: that let a request in.
            tell: is told what an operator must mend.
            every_s: seconds between two looks at a host.
            patience_s: seconds for an answer.

        """
        self._http = http
        self._hosts = hosts
        self._rng = rng
        self._headers = headers
        self._tell = tell
        self._every_s = every_s
        self._timeout = aiohttp.ClientTimeout(total=patience_s)
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Look until no host is out. Call it when one may be."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="inference-probe")

    def look_at_all(self) -> None:
        """Look at every host once, and then as after ``wake``. Call it before any other."""
        self._task = asyncio.create_task(self._begin(), name="inference-probe")

    async def close(self) -> None:
        """Stop at once. Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _begin(self) -> None:
        faults = await asyncio.gather(*map(self._fault, self._hosts))
        for host, fault in zip(self._hosts, faults, strict=True):
            if fault is not None:
                if fault.fault is Fault.UNAUTHORISED:
                    host.breaker.probed_badly()
                self._tell(host, fault)
        await self._look()

    async def _look(self) -> None:
        while out := [host for host in self._hosts if host.is_out]:
            await asyncio.sleep(self._every_s * self._rng.uniform(0.5, 1.0))
            await asyncio.gather(*map(self._probe, out))

    async def _probe(self, host: Host) -> None:
        fault = await self._fault(host)
        if fault is None:
            host.breaker.probed_well()
        elif fault.fault is Fault.UNAUTHORISED:
            self._tell(host, fault)

    async def _fault(self, host: Host) -> HostFault | None:
        """What a photo would meet there; None where it would be taken."""
        try:
            status = await self._status(host, READY_PATH, {})
            if status == HTTPStatus.SERVICE_UNAVAILABLE:
                return HostFault(Fault.CLOSING, "it is not ready")
            if status == HTTPStatus.OK:
                status = await self._status(host, LABELS_PATH, self._headers)
        except (aiohttp.ClientError, OSError) as error:
            return fault_of(error)
        # One that is busy has looked at the token before.
        return None if status in {HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS} else fault_of_status(status, "")

    async def _status(self, host: Host, path: str, headers: Mapping[str, str]) -> int:
        address = path_on(host.url, path)
        async with self._http.get(address, headers=headers, timeout=self._timeout, allow_redirects=False) as answer:
            # The rest of an endless answer is not waited for: the connection is given up instead.
            await answer.content.read(_MOST_BYTES)
            return answer.status
