"""Kept photos, opened and made smaller for the page; a few at a time, off the event loop, and kept nowhere."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from PIL import Image

from db.exporting.photos import PhotoReader
from inference.decode import DecodeLimits, decode_image

TILE: Final = 480
"""Pixels of the longer side, in a gallery."""

LARGE: Final = 1_280
"""And of one that somebody looks at closely."""

_THREADS: Final = 2
_AT_ONCE: Final = 8
"""Photos in memory: what a few browsers ask for at once."""

_QUALITY: Final = 85


class Thumbnails:
    """Makes them. Close it when nobody asks any more."""

    def __init__(self, photos: PhotoReader) -> None:
        self._photos = photos
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bunri-admin")
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def of(self, photo_id: str, side: int) -> bytes:
        """A kept photo as a JPEG whose longer side has so many pixels at most.

        Raises:
            FileNotFoundError: it is not kept, or no longer.
            DecodeError: what is kept there is no photo.
            DatabaseError: the vault does not answer, or cannot open it.

        """
        async with self._places:
            photo = await self._photos.read(photo_id)
            return await asyncio.get_running_loop().run_in_executor(self._threads, shrunk, photo, side)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def shrunk(photo: bytes, side: int) -> bytes:
    """The photo as a JPEG of so many pixels at most on its longer side. Blocks.

    Raises:
        DecodeError: it is no photo.

    """
    picture = Image.fromarray(decode_image(photo, DecodeLimits(), needed_side=side).pixels)
    picture.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=None)
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=_QUALITY)
    return made.getvalue()
