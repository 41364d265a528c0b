"""An adapter that fails comes back; one that is refused does not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bots.refusal import PlatformRefused
from bunri.restarting import Restarting


@dataclass
class Scripted:
    """An adapter that fails as it is told to, at its start or while it runs."""

    at_start: Exception | None = None
    while_running: Exception | None = None
    is_stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        if self.at_start is not None:
            raise self.at_start

    async def run(self) -> None:
        if self.while_running is not None:
            raise self.while_running
        await self.is_stopped.wait()

    async def stop(self, seconds: float) -> None:
        self.is_stopped.set()

    def is_alive(self, now: float) -> bool:
        return not self.is_stopped.is_set()


def one_after_the_other(*adapters: Scripted) -> Callable[[], Scripted]:
    return iter(adapters).__next__


async def until_alive(adapter: Restarting) -> None:
    async with asyncio.timeout(30):
        while not adapter.is_alive(0.0):  # noqa: ASYNC110 - adapters have no event for it
            await asyncio.sleep(0.001)


async def test_an_adapter_that_fails_is_closed_and_another_takes_its_place() -> None:
    first, second = Scripted(while_running=RuntimeError()), Scripted()
    adapter = Restarting("telegram", one_after_the_other(first, second), first_wait_s=0.01)
    await adapter.start()
    running = asyncio.create_task(adapter.run())
    await asyncio.sleep(0)
    assert not adapter.is_alive(0.0), "health says so while it waits"
    await until_alive(adapter)
    assert first.is_stopped.is_set()
    await adapter.stop(1.0)
    await running
    assert second.is_stopped.is_set()


async def test_a_start_that_fails_is_tried_again_and_again() -> None:
    adapters = [Scripted(at_start=ValueError()), Scripted(at_start=ValueError()), Scripted()]
    adapter = Restarting("telegram", one_after_the_other(*adapters), first_wait_s=0.001)
    await adapter.start()
    assert not adapter.is_alive(0.0)
    running = asyncio.create_task(adapter.run())
    await until_alive(adapter)
    await adapter.stop(1.0)
    await running


@pytest.mark.parametrize("error", [PlatformRefused("another token"), OSError(98, "in use")])
async def test_what_an_operator_must_mend_is_raised_at_the_start(error: Exception) -> None:
    adapter = Restarting("telegram", one_after_the_other(Scripted(at_start=error)))
    with pytest.raises(type(error)):
        await adapter.start()


async def test_a_refusal_while_it_runs_ends_it() -> None:
    adapter = Restarting("telegram", one_after_the_other(Scripted(while_running=PlatformRefused("revoked"))))
    await adapter.start()
    with pytest.raises(PlatformRefused, match="revoked"):
        await adapter.run()


async def test_a_refusal_at_a_later_start_ends_it() -> None:
    adapters = Scripted(while_running=RuntimeError()), Scripted(at_start=PlatformRefused("revoked"))
    adapter = Restarting("telegram", one_after_the_other(*adapters), first_wait_s=0.001)
    await adapter.start()
    with pytest.raises(PlatformRefused):
        await adapter.run()


async def test_it_can_be_cancelled_while_it_waits() -> None:
    adapter = Restarting("telegram", one_after_the_other(Scripted(while_running=RuntimeError())), first_wait_s=60)
    await adapter.start()
    running = asyncio.create_task(adapter.run())
    await asyncio.sleep(0.01)
    await adapter.stop(1.0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
