"""Fetches updates by long polling. The offset, which confirms updates, moves only after they are durable."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bots.telegram.incoming import ALLOWED_UPDATES, Me
from bots.telegram.reception import Reception
from db.errors import DatabaseError

_log = logging.getLogger(__name__)

_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 30.0
_CONFLICT_WAIT_S: Final = 10.0
_MOST_UPDATES: Final = 100


class Poller:
    """Polls until it is cancelled."""

    def __init__(
        self, bot: Bot, reception: Reception, me: Me, *, seconds: int, wait_s: float, clock: Callable[[], float]
    ) -> None:
        """``seconds`` a poll may stay open; ``wait_s`` scales the waits after failures (1.0 in service)."""
        self._bot = bot
        self._reception = reception
        self._me = me
        self._seconds = seconds
        self._wait_s = wait_s
        self._clock = clock
        self.last_success = clock()

    async def run(self) -> None:
        """Poll, for ever.

        Raises:
            InvalidToken: the token was revoked.

        """
        offset: int | None = None
        failures = 0
        is_told_of_conflict = False
        while True:
            try:
                updates = await self._bot.get_updates(
                    offset=offset, limit=_MOST_UPDATES, timeout=self._seconds, allowed_updates=ALLOWED_UPDATES
                )
                self.last_success = self._clock()
                await self._reception.take(updates, self._me)
                self.last_success = self._clock()
                if updates:
                    offset = updates[-1].update_id + 1
                failures = 0
                is_told_of_conflict = False
                continue
            except InvalidToken:
                raise
            except Conflict:
                if not is_told_of_conflict:
                    _log.error(
                        "another program fetches this bot's updates: stop it, or give one of the two a token of its "
                        "own; waiting until it is gone"
                    )
                is_told_of_conflict = True
                await asyncio.sleep(_CONFLICT_WAIT_S * self._wait_s)
                continue
            except RetryAfter as error:
                wait = _seconds_of(error)
            except (NetworkError, DatabaseError, TelegramError) as error:
                wait = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**failures) * self._wait_s
                failures = min(failures + 1, 6)
                # Of Telegram's errors the type alone: their text may hold an address.
                told = str(error) if isinstance(error, DatabaseError) else type(error).__name__
                _log.warning("updates cannot be fetched (%s); trying again", told)
            await asyncio.sleep(wait)


def _seconds_of(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait if isinstance(wait, int | float) else wait.total_seconds()
