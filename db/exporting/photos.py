"""What an export asks of the rest of Bunri: the vault, and somebody who can look at pixels."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


class PhotoReader(Protocol):
    """Where kept photos are."""

    async def read(self, number: str, /) -> bytes:
        """A kept photo, JPEG, by its id.

        Raises:
            FileNotFoundError: there is none of this id.
            Unsealable: it was sealed with another secret, or altered.
            DatabaseError: the vault does not answer.

        """


@dataclass(frozen=True, slots=True)
class Seen:
    """A photo that was looked at.

    Attributes:
        data: JPEG without anything but pixels.
        width: pixels.
        height: pixels.
        fingerprint: 140 bytes: 256 bits and 108 levels, as ``NearDuplicates`` compares them.

    """

    data: bytes = field(repr=False)
    width: int
    height: int
    fingerprint: bytes


Look = Callable[[bytes], Seen | None]
"""Looks at a JPEG, on a thread; None where it is none that can be decoded."""
