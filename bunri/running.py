"""Runs adapters in one process until it is asked to stop: started, watched, drained, closed."""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Protocol

from bunri.household import Household, retention_of
from bunri.settings import Settings
from bunri.vault_parts import vault_parts
from db.errors import DatabaseError

_log = logging.getLogger(__name__)

DRAIN_SECONDS: Final = 8.0
"""For what is being answered when the process is asked to stop; supervisors kill after ten or more."""

_PURGE_EVERY_S: Final = 24 * 60 * 60
_LONGEST_BACKLOG_S: Final = 15 * 60
"""An update that waits longer means that nobody answers any more."""


class Adapter(Protocol):
    """A way to reach residents, from start to stop."""

    async def start(self) -> None:
        """Begin. Returns once updates are taken, or will be as soon as the platform can be reached.

        Raises:
            Exception: it cannot run until an operator changes something; ``str`` of it says what.

        """
        ...

    async def run(self) -> None:
        """Wait until ``stop`` is called, or raise what ended it."""
        ...

    async def stop(self, seconds: float) -> None:
        """Take no more, finish what is being answered for at most so many seconds, close."""
        ...

    def is_alive(self, now: float) -> bool:
        """Whether updates still come in; ``now`` by ``time.monotonic``."""
        ...


class Health:
    """Whether the adapters and the database are well."""

    def __init__(self, household: Household, adapters: Mapping[str, Adapter]) -> None:
        """Look at these; one that is added later is looked at from then on."""
        self._household = household
        self._adapters = adapters

    async def __call__(self) -> dict[str, object]:
        """``{"status": "ok" or "failing", "database": ..., "adapters": {name: "ok" or "not responding"}}``."""
        now = time.monotonic()
        adapters = {
            name: "ok" if adapter.is_alive(now) else "not responding" for name, adapter in self._adapters.items()
        }
        database = "ok"
        try:
            for name in self._adapters:
                counts = await self._household.database.inbox.counts(name)
                oldest = counts.oldest_unfinished
                if oldest is not None and (datetime.now(UTC) - oldest).total_seconds() > _LONGEST_BACKLOG_S:
                    adapters[name] = "falling behind"
        except DatabaseError:
            database = "not responding"
        well = database == "ok" and all(state == "ok" for state in adapters.values())
        return {"status": "ok" if well else "failing", "database": database, "adapters": adapters}


async def run_adapters(adapters: Mapping[str, Adapter], stop: asyncio.Event) -> dict[str, Exception]:
    """Run them all until ``stop`` is set or none is left; what ended each that ended by itself.

    Of several, one that is refused (a wrong token, say) is told in the log at once, and the others go on; of a
    single one the caller tells.
    """
    failures: dict[str, Exception] = {}
    tasks = {
        asyncio.create_task(_run(name, adapter, failures, others=len(adapters) - 1), name=f"run-{name}")
        for name, adapter in adapters.items()
    }
    stopping = asyncio.create_task(stop.wait(), name="stop")
    pending: set[asyncio.Task[object]] = {*tasks, stopping}
    try:
        while not stopping.done() and pending != {stopping}:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        await asyncio.gather(*(_stopped(name, adapter) for name, adapter in adapters.items()))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return failures


async def purge_daily(household: Household, settings: Settings) -> None:
    """Delete what is older than the settings allow, now and once a day; runs until it is cancelled."""
    while True:
        try:
            now = datetime.now(UTC)
            await household.database.purge(now, retention_of(settings))
            parts = vault_parts(settings, household.database)
            await parts.vault.purge(now, settings.vault.unreviewed_days)
            await parts.care.sweep(now)
        except DatabaseError as error:
            _log.error("old records were not deleted: %s", error)
        await asyncio.sleep(_PURGE_EVERY_S)


async def _run(name: str, adapter: Adapter, failures: dict[str, Exception], *, others: int) -> None:
    try:
        await adapter.start()
        _log.info("%s is ready", name)
        await adapter.run()
    except Exception as error:
        failures[name] = error
        if others:
            _log.error("%s stopped: %s", name, error)
        _log.debug("the reason", exc_info=True)


async def _stopped(name: str, adapter: Adapter) -> None:
    with suppress(asyncio.CancelledError):
        try:
            await adapter.stop(DRAIN_SECONDS)
        except Exception as error:
            _log.error("%s did not stop cleanly: %s", name, type(error).__name__)
