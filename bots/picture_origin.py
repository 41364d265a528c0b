"""Whether a photo is none: a picture that AI made, Bunri's own or another one's that says so."""

import logging
from enum import StrEnum
from typing import Final

from db.database import Database
from db.errors import DatabaseError

_log = logging.getLogger(__name__)

_SAYS_SO: Final = b"trainedAlgorithmicMedia"
"""IPTC's word for it, as it stands in a picture's metadata."""

_SAYS_US: Final = b"Software\0Bunri, "
"""As ``inference.marking`` writes it into a PNG."""

_MOST_DIFFERENT: Final = 40
_MOST_OFF: Final = 4.0
"""Bits of 256, and levels: see ``inference.fingerprint``, which decodes pictures and stays unloaded here."""


class Origin(StrEnum):
    """Where a picture comes from."""

    CAMERA = "camera"
    BUNRI = "bunri"
    AI = "ai"
    UNKNOWN = "unknown"
    """The database could not be asked."""


class PictureOrigins:
    """Knows what Bunri made, by its marks or, where a messenger took them off, by its fingerprint."""

    def __init__(self, memory: Database | None) -> None:
        self._memory = memory

    async def of(self, photo: bytes, fingerprint: str) -> Origin:
        """The origin of a photo with this fingerprint, "" where it has none."""
        if _SAYS_SO in photo and _SAYS_US in photo:
            return Origin.BUNRI
        try:
            if await self._is_known(fingerprint):
                return Origin.BUNRI
        except DatabaseError as error:
            _log.error("generated pictures cannot be looked up: %s", error)
            return Origin.AI if _SAYS_SO in photo else Origin.UNKNOWN
        return Origin.AI if _SAYS_SO in photo else Origin.CAMERA

    async def _is_known(self, fingerprint: str) -> bool:
        if self._memory is None or not fingerprint:
            return False
        return await self._memory.generated.holds(fingerprint, _MOST_DIFFERENT, _MOST_OFF)
