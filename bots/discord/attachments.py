"""Attachments of messages and commands, as far as Bunri looks at them."""

from pathlib import PurePath
from typing import Final

import discord

from bots.discord.payload import PhotoReference

_IMAGE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp"})


def is_image(attachment: discord.Attachment) -> bool:
    """Whether somebody may have meant it as a photo. Discord knows no type for some files, HEIC among them."""
    kind = attachment.content_type or ""
    return kind.startswith("image/") or PurePath(attachment.filename).suffix.lower() in _IMAGE_SUFFIXES


def photo_reference(attachment: discord.Attachment) -> PhotoReference:
    """Where an attachment lies."""
    return PhotoReference(id=attachment.id, url=attachment.url, size=attachment.size)
