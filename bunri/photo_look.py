"""Looks at a kept photo before it is exported: its size, its fingerprint, and once more that nothing hides in it."""

import io

from PIL import Image

from db.exporting.near_duplicates import Alike
from db.exporting.photos import Seen
from inference.cleaned import cleaned_photo
from inference.decode import DecodeLimits, decode_image
from inference.errors import DecodeError
from inference.fingerprint import MOST_DIFFERENT, MOST_OFF, fingerprint

ALIKE = Alike(MOST_DIFFERENT, MOST_OFF)


def look(photo: bytes) -> Seen | None:
    """What there is to see; None where it cannot be decoded. Blocks: call it from a thread.

    The vault holds photos that were made anew from their pixels. One that was not, kept by an older version or put
    there by other means, is made anew here.
    """
    try:
        data = photo if _is_bare(photo) else cleaned_photo(photo).data
        pixels = decode_image(data, DecodeLimits()).pixels
    except (DecodeError, OSError):
        return None
    height, width, _ = pixels.shape
    return Seen(data, width, height, bytes.fromhex(fingerprint(pixels)))


def _is_bare(photo: bytes) -> bool:
    """Whether this is a JPEG that ends where it ends, without EXIF, comment or profile."""
    if not photo.startswith(b"\xff\xd8") or not photo.endswith(b"\xff\xd9"):
        return False
    with Image.open(io.BytesIO(photo), formats=["JPEG"]) as image:
        return not {"exif", "comment", "icc_profile", "xmp", "photoshop", "adobe"} & set(image.info)
