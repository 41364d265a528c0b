"""Whether a resident's photo is kept, and what keeps it.

Telegram's terms for bot developers (4.3) want individual, explicit, active and revocable consent; Discord's
Developer Policy (rule 21) wants Discord's own permission besides, which an operator has to record.
"""

from dataclasses import dataclass, field
from typing import Protocol

from bots.conversation_options import ConversationOptions
from bots.picture_origin import Origin
from bots.platforms import Platform
from db.consents import Consent, ConsentState
from db.licences import Licence


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A photo on its way into the vault.

    Attributes:
        data: made anew from its pixels, so that no metadata is in it.
        pixels: a hash of its pixels before they were encoded.
        width: in pixels.
        height: in pixels.
        query_id: the logged query that it belongs to.
        user_key: the pseudonym of who allowed it; never "".
        platform: where it came from.
        licence: under which terms it is kept.
        consent_version: of the consent's text that its resident agreed to.
        permission: what the operator recorded of the platform's own permission; "" where none is needed.

    """

    data: bytes = field(repr=False)
    pixels: str
    width: int
    height: int
    query_id: str
    user_key: str
    platform: str
    licence: Licence
    consent_version: str
    permission: str = ""


class Vault(Protocol):
    """Where photos are kept that residents allowed to keep. What is in it is encrypted."""

    async def store(self, photo: KeptPhoto, /) -> object:
        """Keep a photo, on disk when this returns, unless its resident does not agree to that, or no longer.

        Raises where it could not be kept, and then nothing is.
        """
        ...

    async def delete_of(self, user_key: str, /) -> int:
        """Delete all photos of this pseudonym, their files included; how many there were."""
        ...

    async def count_of(self, user_key: str, /) -> int:
        """How many photos of this pseudonym are kept."""
        ...


def licence_of(platform: Platform, origin: Origin, options: ConversationOptions) -> Licence:
    """Under which terms a picture could be kept, or that it never is; consent is asked besides.

    In this order: what AI made or may have made is never kept; then the platform decides.
    """
    if origin is not Origin.CAMERA:
        return Licence.GENERATED_NEVER
    match platform:
        case Platform.TELEGRAM:
            return Licence.TELEGRAM_OPTED_IN
        case Platform.WEB:
            return Licence.WEB_OPTED_IN
        case Platform.DISCORD:
            recorded = bool(options.discord_image_permission.strip())
            return Licence.DISCORD_PERMITTED if recorded else Licence.DISCORD_NEVER
        case _:
            return Licence.NEVER


def could_keep(platform: Platform, options: ConversationOptions) -> bool:
    """Whether photos from this platform are ever kept; only then does it make sense to ask for consent."""
    return licence_of(platform, Origin.CAMERA, options).keeps


def permission_of(licence: Licence, options: ConversationOptions) -> str:
    """What the operator recorded of the platform's permission; "" where the licence needs none."""
    return options.discord_image_permission.strip() if licence is Licence.DISCORD_PERMITTED else ""


def has_agreed(consent: Consent, options: ConversationOptions) -> bool:
    """Whether they agreed to the text as it is today."""
    return consent.state is ConsentState.GIVEN and consent.version == options.consent_version
