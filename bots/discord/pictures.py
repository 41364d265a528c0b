"""Fits the pictures that Bunri sends under the upload limit of the place they go to."""

import asyncio
import io
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

import discord
from PIL import Image

from bots.reply import Picture

_QUALITIES: Final = (90, 80, 65, 50)
_SHRINK: Final = 0.7
_SMALLEST_SIDE: Final = 64
_ALT_TEXT_LIMIT: Final = 1024


async def fitted_pictures(pictures: Sequence[Picture], limit: int) -> tuple[Picture, ...]:
    """The same pictures, those of more than ``limit`` bytes re-encoded as JPEG, smaller until they fit.

    A mark in the metadata that a picture is AI-generated (XMP) goes along.
    """
    return tuple([await asyncio.to_thread(_fitted, picture, limit) for picture in pictures])


def files_of(pictures: Sequence[Picture]) -> list[discord.File]:
    """What discord.py uploads. A file can be sent once: make them anew for another attempt."""
    return [
        discord.File(io.BytesIO(each.content), filename=each.name, description=each.caption[:_ALT_TEXT_LIMIT] or None)
        for each in pictures
    ]


def _fitted(picture: Picture, limit: int) -> Picture:
    if len(picture.content) <= limit:
        return picture
    with Image.open(io.BytesIO(picture.content)) as opened:
        mark = opened.info.get("xmp") or opened.info.get("XML:com.adobe.xmp") or b""
        pixels = opened.convert("RGB")
    name = f"{PurePath(picture.name).stem}.jpg"
    while True:
        for quality in _QUALITIES:
            encoded = io.BytesIO()
            pixels.save(encoded, "JPEG", quality=quality, xmp=mark.encode() if isinstance(mark, str) else mark)
            if encoded.tell() <= limit:
                return Picture(encoded.getvalue(), name, picture.caption)
        if min(pixels.size) * _SHRINK < _SMALLEST_SIDE:
            return Picture(encoded.getvalue(), name, picture.caption)
        pixels = pixels.resize((round(pixels.width * _SHRINK), round(pixels.height * _SHRINK)))
