"""How batches form: nothing waits while the network is idle, and what lined up goes together."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.backends.backend import BackendOutput, Batching
from inference.batcher import Batcher
from inference.errors import DeadlinePassed, DecodeProblem
from inference.observer import Nobody
from inference.wanted import Wanted


class Sizes(Nobody):
    """Notes the sizes of batches."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.problems: list[DecodeProblem] = []

    def batch(self, photos: int) -> None:
        self.seen.append(photos)


class HeldNetwork:
    """Answers each photo with its own first pixel, once the test lets it."""

    name = "held"
    threads_per_call = 1
    batching = Batching((1, 2, 4))

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.at_once = 0
        self.fails = False

    def logits(self, batch: NDArray[np.uint8]) -> BackendOutput:
        self.at_once += 1
        assert self.at_once == 1
        self.begun.release()
        assert self.go.acquire(timeout=30)
        self.at_once -= 1
        if self.fails:
            raise ZeroDivisionError
        own = batch[:, 0, 0, 0].astype(np.float32)
        return BackendOutput(np.repeat(own[:, None], 12, axis=1), own)

    def close(self) -> None: ...


def square(level: int) -> NDArray[np.uint8]:
    return np.full((4, 4, 3), level, dtype=np.uint8)


@pytest.fixture
def network() -> HeldNetwork:
    return HeldNetwork()


@pytest.fixture
def sizes() -> Sizes:
    return Sizes()


@pytest.fixture
async def batcher(network: HeldNetwork, sizes: Sizes) -> AsyncIterator[Batcher]:
    made = Batcher(network, sizes)
    yield made
    network.go.release(1_000)
    await asyncio.to_thread(made.close)


def ask(
    batcher: Batcher, level: int, wanted: Wanted | None = None
) -> "asyncio.Task[tuple[NDArray[np.float32], float]]":
    return asyncio.create_task(batcher.logits(square(level), wanted or Wanted()))


async def begun(network: HeldNetwork) -> None:
    assert await asyncio.to_thread(network.begun.acquire, timeout=30)


async def test_an_idle_network_takes_a_photo_at_once_and_alone(
    batcher: Batcher, network: HeldNetwork, sizes: Sizes
) -> None:
    for level in (1, 2, 3):
        network.go.release()
        labels, waste = await ask(batcher, level)
        assert (labels[0], waste) == (level, level)
    assert sizes.seen == [1, 1, 1]


async def test_what_lined_up_meanwhile_goes_together_up_to_the_largest_batch(
    batcher: Batcher, network: HeldNetwork, sizes: Sizes
) -> None:
    asked = [ask(batcher, level) for level in range(8)]
    await begun(network)
    network.go.release(100)
    answers = await asyncio.gather(*asked)
    assert [waste for _, waste in answers] == list(range(8)), "each photo gets its own answer"
    assert sizes.seen == [1, 4, 3]


async def test_after_a_rush_the_next_photo_is_alone_again(batcher: Batcher, network: HeldNetwork, sizes: Sizes) -> None:
    network.go.release(100)
    await asyncio.gather(*(ask(batcher, level) for level in range(5)))
    sizes.seen.clear()
    await ask(batcher, 9)
    assert sizes.seen == [1]


async def test_who_has_gone_or_waited_too_long_takes_no_place_in_a_batch(
    batcher: Batcher, network: HeldNetwork, sizes: Sizes
) -> None:
    first = ask(batcher, 1)
    await begun(network)
    late = ask(batcher, 2, Wanted(time.monotonic() - 1))
    gone = ask(batcher, 3)
    kept = ask(batcher, 4)
    await asyncio.sleep(0)
    gone.cancel()
    network.go.release(100)
    assert (await kept)[1] == 4
    await first
    with pytest.raises(DeadlinePassed):
        await late
    assert gone.cancelled() or gone.cancelling()
    assert sizes.seen == [1, 1]


async def test_a_caller_who_goes_while_its_batch_runs_does_not_disturb_the_others(
    batcher: Batcher, network: HeldNetwork
) -> None:
    first = ask(batcher, 1)
    await begun(network)
    pair = [ask(batcher, 2), ask(batcher, 3)]
    await asyncio.sleep(0)
    network.go.release()
    await first
    await begun(network)
    pair[0].cancel()
    network.go.release(100)
    assert (await pair[1])[1] == 3
    with pytest.raises(asyncio.CancelledError):
        await pair[0]


async def test_a_fault_of_the_network_reaches_every_photo_of_the_batch_and_the_next_goes_on(
    batcher: Batcher, network: HeldNetwork
) -> None:
    network.fails = True
    asked = [ask(batcher, level) for level in range(3)]
    await begun(network)
    network.go.release(2)
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in outcomes] == [ZeroDivisionError] * 3
    network.fails = False
    network.go.release()
    assert (await ask(batcher, 7))[1] == 7


def test_a_batch_is_filled_up_to_the_next_size() -> None:
    batching = Batching((1, 2, 4, 8))
    assert [batching.size_for(photos) for photos in range(1, 9)] == [1, 2, 4, 4, 8, 8, 8, 8]
    assert batching.largest == 8
