"""How a server's memory goes while something else is measured."""

import asyncio
import time
from typing import Final, Self

from bunri.benchmark.host.server_process import Running

_EVERY_S: Final = 0.5


class MemoryWatch:
    """Looks twice a second, from ``async with`` to its end."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self._seen: list[tuple[float, float]] = []
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""
        assert self._watching is not None
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)

    def growth(self, start: float, end: float) -> float | None:
        """MB more at the second moment than at the first, by ``time.perf_counter``; None where nothing was seen."""
        seen = [megabytes for moment, megabytes in self._seen if start <= moment < end]
        return seen[-1] - seen[0] if seen else None

    async def _watch(self) -> None:
        while True:
            held = self._server.memory_mb()
            if held is not None:
                self._seen.append((time.perf_counter(), held))
            await asyncio.sleep(_EVERY_S)
