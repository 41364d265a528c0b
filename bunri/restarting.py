"""An adapter that is started again after a fault, for as long as it takes, while the others go on."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bots.refusal import PlatformRefused
from bunri.running import Adapter

_log = logging.getLogger(__name__)

FIRST_WAIT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 300.0
_GIVE_UP_CLOSING_S: Final = 5.0


class Restarting:
    """An ``Adapter`` around others of its kind, one after the other.

    What an operator must mend first ends it: a platform's refusal, and an address that cannot be listened on. Any
    other error is a fault of ours or of the machine, and residents are better served by another try than by silence.
    """

    def __init__(self, name: str, make: Callable[[], Adapter], *, first_wait_s: float = FIRST_WAIT_S) -> None:
        """``first_wait_s`` is the wait after the first fault; it doubles up to five minutes."""
        self._name = name
        self._make = make
        self._first_wait_s = first_wait_s
        self._adapter: Adapter = make()
        self._is_waiting = False

    async def start(self) -> None:
        """See ``Adapter``. Returns as well where the start failed and will be tried again."""
        try:
            await self._adapter.start()
        except (PlatformRefused, OSError):
            raise
        except Exception as error:
            self._tell(error, self._first_wait_s)
            self._is_waiting = True

    async def run(self) -> None:
        """See ``Adapter``."""
        wait = self._first_wait_s
        while True:
            if self._is_waiting:
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT_S)
                await self._anew()
            try:
                if not self._is_waiting:
                    await self._adapter.run()
                    return
            except PlatformRefused:
                raise
            except Exception as error:
                self._tell(error, wait)
                self._is_waiting = True

    async def stop(self, seconds: float) -> None:
        """See ``Adapter``."""
        await self._adapter.stop(seconds)

    def is_alive(self, now: float) -> bool:
        """See ``Adapter``; not while it waits to start again."""
        return not self._is_waiting and self._adapter.is_alive(now)

    async def _anew(self) -> None:
        with suppress(Exception):
            # It has failed already; what its closing meets does not matter any more.
            await self._adapter.stop(_GIVE_UP_CLOSING_S)
        self._adapter = self._make()
        try:
            await self._adapter.start()
        except (PlatformRefused, OSError):
            raise
        except Exception as error:
            self._tell(error, self._first_wait_s)
        else:
            self._is_waiting = False
            _log.info("%s is back", self._name)

    def _tell(self, error: Exception, wait: float) -> None:
        _log.error("%s failed and is started again in %.0f s", self._name, wait, exc_info=error)
