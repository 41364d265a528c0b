"""A photo without anything but its pixels: no EXIF, no place, no comment, nothing behind its end."""

import hashlib
import io
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from inference.decode import DecodeLimits, decode_image

_QUALITY: Final = 90
"""JPEG, 0 to 100: no difference that a person labelling it would see, at a fraction of a PNG's size."""


@dataclass(frozen=True, slots=True)
class CleanedPhoto:
    """A photo made anew.

    Attributes:
        data: JPEG, upright, of the pixels alone.
        width: in pixels.
        height: in pixels.
        pixels: SHA-256 of size and RGB pixels before they were encoded, in hexadecimal: the same for every file
            that shows exactly the same.

    """

    data: bytes = field(repr=False)
    width: int
    height: int
    pixels: str


def cleaned_photo(photo: bytes, limits: DecodeLimits | None = None) -> CleanedPhoto:
    """The photo upright, encoded anew from its raw pixels. Blocks: call it from a worker thread.

    Raises:
        DecodeError: the bytes are not an acceptable photo.

    """
    pixels = decode_image(photo, limits or DecodeLimits()).pixels
    height, width, _ = pixels.shape
    raw = pixels.tobytes()
    digest = hashlib.sha256(f"{width}x{height}:".encode())
    digest.update(raw)
    # From bytes, and not from the decoder's own picture, so that none of what it knows besides comes along.
    picture = Image.frombytes("RGB", (width, height), raw)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=_QUALITY)
    return CleanedPhoto(encoded.getvalue(), width, height, digest.hexdigest())
