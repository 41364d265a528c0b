"""Asks for consent once, and keeps photos with it: cleaned, behind the answer, never in its way."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from bots.actions import SetConsent
from bots.conversation_options import ConversationOptions
from bots.keeping import KeptPhoto, Vault, could_keep, has_agreed, licence_of, permission_of
from bots.messages import Texts
from bots.picture_origin import Origin
from bots.reply import Button, Card, CardKind
from bots.request import Resident
from db.consents import Consent
from db.database import Database
from db.errors import DatabaseError
from db.licences import Licence
from inference.errors import DecodeError

if TYPE_CHECKING:
    from inference.cleaned import CleanedPhoto

_log = logging.getLogger(__name__)

_MOST_PENDING: Final = 32
"""Photos on their way into the vault. While a storage does not answer, further ones are let go, not piled up."""

_CLOSE_S: Final = 8.0
"""For those on their way when the process ends; what is not kept by then leaves no photo, only an announcement."""


class PhotoKeeper:
    """Decides whether a photo is kept. Without a vault or a database none is, and nobody is asked."""

    def __init__(self, vault: Vault | None, memory: Database | None, options: ConversationOptions) -> None:
        self._vault = vault
        self._memory = memory
        self._options = options
        self._pending: set[asyncio.Task[None]] = set()

    def is_possible_for(self, resident: Resident) -> bool:
        """Whether photos of this resident can be kept at all, if they agree."""
        known = self._vault is not None and self._memory is not None and bool(resident.user_key)
        return known and could_keep(resident.platform, self._options)

    async def is_time_to_ask(self, resident: Resident) -> bool:
        """Whether to ask now: in private, and never a second time. Noted at once."""
        if not resident.is_private or not self.is_possible_for(resident):
            return False
        assert self._memory is not None
        try:
            return await self._memory.consents.asked(
                resident.user_key, resident.platform.value, self._options.consent_version
            )
        except DatabaseError as error:
            _log.error("consent cannot be looked up: %s", error)
            return False

    def question(self, texts: Texts) -> Card:
        """The question, with its two answers."""
        return Card(
            CardKind.CONSENT,
            texts("consent-question"),
            texts("consent-question.detail"),
            paragraphs=(texts("consent-later"),),
            buttons=self.answers(texts),
        )

    def answers(self, texts: Texts) -> tuple[Button, ...]:
        """Yes and no."""
        version = self._options.consent_version
        return (
            Button(texts("consent-yes"), SetConsent(True, version)),
            Button(texts("consent-no"), SetConsent(False, version)),
        )

    async def keep(self, photo: bytes, query: str, resident: Resident, origin: Origin) -> None:
        """Keep a photo in the background, if its resident has agreed by now and it is no picture that AI made.

        Only the look at their consent comes before the answer: who agrees on seeing it has not agreed to this photo.
        """
        licence = licence_of(resident.platform, origin, self._options)
        if not licence.keeps or not self.is_possible_for(resident):
            return
        try:
            consent = await self.consent_of(resident)
        except DatabaseError as error:
            _log.error("a photo was not kept: %s", error)
            return
        if not has_agreed(consent, self._options):
            return
        if len(self._pending) >= _MOST_PENDING:
            _log.error("a photo was not kept: %d wait for the vault already", len(self._pending))
            return
        task = asyncio.create_task(self._keep(photo, query, resident, licence))
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def settle(self) -> None:
        """Wait until what is being kept is kept."""
        while self._pending:
            await asyncio.gather(*self._pending, return_exceptions=True)

    async def close(self) -> None:
        """Wait until what is being kept is kept, but not for a storage that does not answer. Idempotent."""
        if not self._pending:
            return
        _, late = await asyncio.wait(self._pending, timeout=_CLOSE_S)
        for task in late:
            task.cancel()
        if late:
            _log.error("%d photos were not kept: the vault did not answer in time", len(late))
            await asyncio.gather(*late, return_exceptions=True)

    async def delete_of(self, resident: Resident) -> int:
        """Delete every kept photo of theirs; how many there were."""
        if self._vault is None or not resident.user_key:
            return 0
        await self.settle()
        return await self._vault.delete_of(resident.user_key)

    async def count_of(self, resident: Resident) -> int:
        """How many photos of theirs are kept."""
        return 0 if self._vault is None or not resident.user_key else await self._vault.count_of(resident.user_key)

    async def consent_of(self, resident: Resident) -> Consent:
        """How it stands with them."""
        if self._memory is None or not resident.user_key:
            return Consent()
        return await self._memory.consents.state(resident.user_key)

    async def _keep(self, photo: bytes, query: str, resident: Resident, licence: Licence) -> None:
        assert self._vault is not None
        try:
            cleaned = await asyncio.to_thread(_cleaned, photo)
            kept = KeptPhoto(
                cleaned.data,
                cleaned.pixels,
                cleaned.width,
                cleaned.height,
                query,
                resident.user_key,
                resident.platform.value,
                licence,
                self._options.consent_version,
                permission_of(licence, self._options),
            )
            await self._vault.store(kept)
        except (DatabaseError, DecodeError) as error:
            _log.error("a photo was not kept: %s", error)
        except Exception as error:
            # By its type alone: an unforeseen error's text may quote what it stumbled over.
            _log.error("a photo was not kept: %s", type(error).__name__)


def _cleaned(photo: bytes) -> "CleanedPhoto":
    # The decoder takes megabytes, and a bot that keeps no photo decodes none.
    from inference.cleaned import cleaned_photo

    return cleaned_photo(photo)
