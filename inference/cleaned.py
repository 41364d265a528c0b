"""A photo without anything but its pixels: no EXIF, no place, no comment, nothing behind its end."""

import io
from typing import Final

from PIL import Image

from inference.decode import DecodeLimits, decode_image

_QUALITY: Final = 90
"""JPEG, 0 to 100: no difference that a person labelling it would see, at a fraction of a PNG's size."""


def cleaned_jpeg(photo: bytes, limits: DecodeLimits | None = None) -> bytes:
    """The photo upright, encoded anew from its raw pixels. Blocks: call it from a worker thread.

    Raises:
        DecodeError: the bytes are not an acceptable photo.

    """
    pixels = decode_image(photo, limits or DecodeLimits()).pixels
    height, width, _ = pixels.shape
    # From bytes, and not from the decoder's own picture, so that none of what it knows besides comes along.
    picture = Image.frombytes("RGB", (width, height), pixels.tobytes())
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=_QUALITY)
    return encoded.getvalue()
