"""Photos for the browser tests: real files of real formats, with simple things drawn on them."""

from io import BytesIO
from typing import TypedDict

from PIL import Image, ImageDraw

ORIENTATION = 0x0112


class File(TypedDict):
    """A file as Playwright hands it to a file input."""

    name: str
    mimeType: str
    buffer: bytes


def drawn(colour: str, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A thing of one colour on a table."""
    image = Image.new("RGB", size, (222, 214, 200))
    width, height = size
    thing = (width * 0.38, height * 0.15, width * 0.62, height * 0.88)
    ImageDraw.Draw(image).rounded_rectangle(thing, radius=width * 0.04, fill=colour)
    return image


def jpeg(colour: str, size: tuple[int, int] = (640, 480), *, orientation: int | None = None) -> bytes:
    out = BytesIO()
    image = drawn(colour, size)
    exif = image.getexif()
    if orientation is not None:
        exif[ORIENTATION] = orientation
    image.save(out, "JPEG", quality=85, exif=exif)
    return out.getvalue()


def png(colour: str) -> bytes:
    out = BytesIO()
    drawn(colour).save(out, "PNG")
    return out.getvalue()


def file(content: bytes, name: str = "photo.jpg", mime: str = "image/jpeg") -> File:
    return {"name": name, "mimeType": mime, "buffer": content}
