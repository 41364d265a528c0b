"""Updates -> the inbox. An update is not confirmed to Telegram before this has returned."""

import logging
from collections.abc import Iterable

from telegram import Update

from bots.intake import Intake
from bots.platforms import Platform
from bots.telegram import payload
from bots.telegram.incoming import Me, read_update
from db.inbox import Arrival
from db.secret import Secret

_log = logging.getLogger(__name__)


class Reception:
    """Takes updates in."""

    def __init__(self, intake: Intake, secret: Secret, *, group_photos: bool) -> None:
        self._intake = intake
        self._secret = secret
        self._group_photos = group_photos

    @property
    def is_full(self) -> bool:
        """Whether ``take`` would wait."""
        return self._intake.is_full

    async def take(self, updates: Iterable[Update], me: Me) -> None:
        """Make what is for us durable.

        Raises:
            DatabaseError: nothing of it was stored; Telegram must send it again.

        """
        await self._intake.receive([each for each in (self._arrival(update, me) for update in updates) if each])

    def _arrival(self, update: Update, me: Me) -> Arrival | None:
        try:
            received = read_update(update, me, group_photos=self._group_photos)
        except Exception as error:
            # One update of a kind nobody foresaw must not hold up all others for ever.
            _log.error("an update could not be read and is left out: %s", type(error).__name__)
            return None
        if received is None:
            return None
        user_key = self._secret.user_key(Platform.TELEGRAM.value, str(received.user))
        return Arrival(Platform.TELEGRAM.value, str(update.update_id), payload.write(received), user_key)
