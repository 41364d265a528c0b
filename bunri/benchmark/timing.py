"""Wall times of repeated calls."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

_WARM_UP_ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Times:
    """Wall times of one action, in milliseconds."""

    median_ms: float
    p95_ms: float
    rounds: int


async def in_turns(actions: Mapping[str, Callable[[], Awaitable[object]]], rounds: int) -> dict[str, Times]:
    """Time each action ``rounds`` times, one after the other within each round.

    Taking turns gives every action the same share of a busy neighbour's disturbance and of a cold cache, so
    that ratios between them hold on a shared machine.
    """
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(_WARM_UP_ROUNDS + rounds):
        for name, action in actions.items():
            start = time.perf_counter()
            await action()
            if turn >= _WARM_UP_ROUNDS:
                seconds[name].append(time.perf_counter() - start)
    return {name: times(values) for name, values in seconds.items()}


async def beside(action: Callable[[], Awaitable[object]], other: Callable[[], Awaitable[object]], rounds: int) -> Times:
    """Time ``action`` while ``other`` is done over and over beside it."""

    async def keep_on() -> None:
        while True:
            await other()

    task = asyncio.create_task(keep_on())
    try:
        return (await in_turns({"action": action}, rounds))["action"]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def times(seconds: list[float]) -> Times:
    """Median and 95th percentile of wall times in seconds."""
    milliseconds = np.asarray(seconds) * 1e3
    return Times(float(np.median(milliseconds)), float(np.quantile(milliseconds, 0.95)), len(seconds))


async def per_second(action: Callable[[], Awaitable[object]], *, callers: int, seconds: float) -> float:
    """Completions a second when ``callers`` call ``action``, each again as soon as it is answered."""
    start = time.perf_counter()
    end = start + seconds
    done = 0

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await action()
            done += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
    return done / (time.perf_counter() - start)
