"""What a resident sends, whatever they send it through."""

from dataclasses import dataclass

from bots.actions import Action
from guides import Language
from inference.errors import DecodeError


@dataclass(frozen=True, slots=True)
class Resident:
    """For whom an answer is written.

    Attributes:
        language: what they read.
        region: where they throw things away: a jurisdiction of the guides, such as "kr".

    """

    language: Language
    region: str


@dataclass(frozen=True, slots=True)
class PhotosSent:
    """One or more photos, sent together.

    Attributes:
        photos: for each photo its bytes, or why the adapter did not take it (too big to fetch, say).

    """

    photos: tuple[bytes | DecodeError, ...]


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A button under one of Bunri's replies."""

    action: Action


Request = PhotosSent | ButtonPressed
