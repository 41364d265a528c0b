"""Whether a resident's photo is kept, and what keeps it.

Telegram's terms for bot developers (4.3) want individual, explicit, active and revocable consent; Discord's
Developer Policy (rule 21) wants Discord's own permission besides, which an operator has to record.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

from bots.conversation_options import ConversationOptions
from bots.platforms import Platform
from db.consents import Consent, ConsentState

_NEVER_KEEPS: Final = frozenset({Platform.CONSOLE})
"""The operator's own terminal: nobody consents there."""


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A photo on its way into the vault.

    Attributes:
        data: made anew from its pixels, so that no metadata is in it.
        query_id: the logged query that it belongs to.
        user_key: the pseudonym of who allowed it; never "".
        platform: where it came from.
        licence: under which terms it was given: the platform and the version of the consent's text.

    """

    data: bytes = field(repr=False)
    query_id: str
    user_key: str
    platform: str
    licence: str


class Vault(Protocol):
    """Where photos are kept that residents allowed to keep. What is in it is encrypted."""

    async def store(self, photo: KeptPhoto, /) -> object:
        """Keep a photo. On disk when this returns; raises where it could not be kept, and then nothing is."""
        ...

    async def delete_of(self, user_key: str, /) -> int:
        """Delete all photos of this pseudonym, their files included; how many there were."""
        ...

    async def count_of(self, user_key: str, /) -> int:
        """How many photos of this pseudonym are kept."""
        ...


def could_keep(platform: Platform, options: ConversationOptions) -> bool:
    """Whether photos from this platform are ever kept; only then does it make sense to ask for consent."""
    if platform is Platform.DISCORD:
        return bool(options.discord_image_permission.strip())
    return platform not in _NEVER_KEEPS


def may_keep(platform: Platform, consent: Consent, options: ConversationOptions) -> bool:
    """Whether this resident's photo is kept: the platform allows it, and they agreed to the text as it is today."""
    agreed = consent.state is ConsentState.GIVEN and consent.version == options.consent_version
    return agreed and could_keep(platform, options)
