"""Files that are not photos, each broken in its own way and named for it."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import pillow_heif
from PIL import Image

from inference.errors import DecodeProblem
from inference.image_format import ImageFormat

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class BrokenImage:
    """Bytes to be refused, with the reason that must be given."""

    data: bytes
    problem: DecodeProblem
    found: str | None = None


def photo(width: int = 96, height: int = 72) -> Image.Image:
    """A smooth colour picture whose four corners differ."""
    y, x = np.mgrid[0:height, 0:width]
    red, green = 255 * x / width, 255 * y / height
    blue = 127 + 127 * np.sin((x + y) / 9)
    return Image.fromarray(np.stack((red, green, blue), axis=-1).astype(np.uint8))


def encode(image: Image.Image, kind: ImageFormat, **options: object) -> bytes:
    """``image`` as a file of ``kind``; ``options`` go to the encoder."""
    file = io.BytesIO()
    if kind is ImageFormat.HEIF:
        pillow_heif.from_pillow(image).save(file, **options)
    else:
        image.save(file, kind.value.upper(), **options)
    return file.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, depth: int, colour_type: int, rows: bytes, *before: bytes, after: bytes = b""
) -> bytes:
    """A PNG built by hand, from scan lines with their filter bytes and any chunks around the pixel data."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    pixels = png_chunk(b"IDAT", zlib.compress(rows, 9))
    chunks = (png_chunk(b"IHDR", header), *before, pixels, after, png_chunk(b"IEND", b""))
    return _PNG_SIGNATURE + b"".join(chunks)


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """``data`` with every ``old`` replaced; it must be there."""
    assert old in data
    return data.replace(old, new)


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG whose header claims a size that its data does not hold."""
    data = encode(photo(), ImageFormat.JPEG)
    return replaced(data, struct.pack(">HH", 72, 96), struct.pack(">HH", height, width))


def gif_of_size(width: int, height: int) -> bytes:
    """A GIF whose screen and frame claim a size that its data does not hold."""
    data = encode(photo().convert("P"), ImageFormat.GIF)
    return replaced(data, struct.pack("<HH", 96, 72), struct.pack("<HH", width, height))


def webp_of_size(width: int, height: int) -> bytes:
    """A WebP whose header claims a size that its data does not hold."""
    data = encode(photo(), ImageFormat.WEBP)
    return replaced(data, struct.pack("<HH", 96, 72), struct.pack("<HH", width, height))


def iso_media_of_size(kind: ImageFormat, width: int, height: int) -> bytes:
    """A HEIF or AVIF whose ``ispe`` box claims a size that its stream does not have."""
    data = encode(photo(), kind)
    return replaced(data, struct.pack(">II", 96, 72), struct.pack(">II", width, height))


def _interlaced(data: bytes) -> bytes:
    """``data`` with a header that says so."""
    header = data[16:28] + b"\1"
    return data[:8] + png_chunk(b"IHDR", header) + data[33:]


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("evil.txt", "surprise")
    return file.getvalue()


def _truncated(kind: ImageFormat) -> BrokenImage:
    data = encode(photo(), kind)
    return BrokenImage(data[: len(data) * 2 // 3], DecodeProblem.TRUNCATED)


def _flooded_jpeg() -> bytes:
    """A progressive JPEG that repeats one of its scans a hundred and fifty times."""
    data = encode(photo(), ImageFormat.JPEG, progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 150 + b"\xff\xd9"


@cache
def broken_images() -> dict[str, BrokenImage]:
    """Broken files by kind, at least forty."""
    unsupported, no_image = DecodeProblem.UNSUPPORTED_FORMAT, DecodeProblem.NOT_AN_IMAGE
    corrupt, truncated = DecodeProblem.CORRUPT, DecodeProblem.TRUNCATED
    too_many, zero = DecodeProblem.TOO_MANY_PIXELS, DecodeProblem.ZERO_SIZE
    plain_png = encode(photo(), ImageFormat.PNG)
    plain_jpeg = encode(photo(), ImageFormat.JPEG)
    plain_gif = encode(photo().convert("P"), ImageFormat.GIF)
    foreign: dict[str, bytes] = {}
    for name in ("tiff", "bmp", "ico", "eps", "jpeg2000"):
        file = io.BytesIO()
        photo().save(file, name)
        foreign[name] = file.getvalue()
    return {
        "empty": BrokenImage(b"", DecodeProblem.EMPTY),
        "one_byte": BrokenImage(b"\xff", no_image),
        "zeros": BrokenImage(bytes(5000), no_image),
        "noise": BrokenImage(np.random.default_rng(7).bytes(5000), no_image),
        "text": BrokenImage("쓰레기 분리배출 안내\n".encode() * 40, no_image, "text"),
        "html": BrokenImage(b"<!DOCTYPE html><html><body>404</body></html>", no_image, "html"),
        "zip": BrokenImage(_zip(), no_image, "zip"),
        "program": BrokenImage(b"MZ" + bytes(200), no_image, "exe"),
        "svg": BrokenImage(b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', unsupported, "svg"),
        "pdf": BrokenImage(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", unsupported, "pdf"),
        "psd": BrokenImage(b"8BPS\0\1" + bytes(100), unsupported, "psd"),
        "film": BrokenImage(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100), unsupported, "mp4"),
        **{name: BrokenImage(data, unsupported, name) for name, data in foreign.items()},
        "jpeg_with_zip_behind": BrokenImage(plain_jpeg + _zip(), unsupported, "zip-polyglot"),
        "png_with_zip_behind": BrokenImage(plain_png + _zip(), unsupported, "zip-polyglot"),
        "jpeg_only_magic": BrokenImage(b"\xff\xd8\xff", truncated),
        "jpeg_without_pixels": BrokenImage(plain_jpeg[: plain_jpeg.index(b"\xff\xda")], truncated),
        "jpeg_zero_width": BrokenImage(jpeg_of_size(0, 72), zero),
        "jpeg_zero_height": BrokenImage(jpeg_of_size(96, 0), zero),
        "jpeg_header_lies": BrokenImage(jpeg_of_size(3000, 3000)[:-2], truncated),
        "jpeg_bomb": BrokenImage(jpeg_of_size(65_000, 65_000), too_many),
        "jpeg_scan_flood": BrokenImage(_flooded_jpeg(), corrupt),
        "jpeg_segment_flood": BrokenImage(plain_jpeg[:2] + b"\xff\xfe\0\2" * 20_000 + plain_jpeg[2:], corrupt),
        "png_chunk_flood": BrokenImage(plain_png[:33] + png_chunk(b"tEXt", b"") * 110_000 + plain_png[33:], corrupt),
        "gif_block_flood": BrokenImage(plain_gif[:-2] + b"\1a" * 600_000, corrupt),
        "avif_box_flood": BrokenImage(encode(photo(), ImageFormat.AVIF) + b"\0\0\0\x08free" * 30_000, corrupt),
        "heif_overlay": BrokenImage(
            replaced(encode(photo(), ImageFormat.HEIF), b"hvc1\0", b"iovl\0"), unsupported, "heif-overlay"
        ),
        "heif_grid_of_grids": BrokenImage(
            replaced(encode(photo(160, 130), ImageFormat.HEIF, tile_size=64), b"hvc1\0", b"grid\0"), corrupt
        ),
        "jpeg_12_bit": BrokenImage(
            replaced(plain_jpeg, b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"), unsupported, "jpeg-12-bit"
        ),
        "png_only_magic": BrokenImage(_PNG_SIGNATURE, truncated),
        "png_zero_size": BrokenImage(png(0, 0, 8, 2, b""), zero),
        "png_bomb": BrokenImage(png(50_000, 50_000, 8, 2, bytes(1000)), too_many),
        "png_thread": BrokenImage(png(1, 40_000_000, 1, 0, bytes(1000)), too_many),
        "png_without_rows": BrokenImage(png(8, 8, 8, 2, b""), truncated),
        "png_lacks_a_row": BrokenImage(png(8, 8, 8, 2, bytes(7 * 25)), truncated),
        "png_lacks_a_byte": BrokenImage(png(300, 2000, 8, 0, bytes(2000 * 301 - 1)), truncated),
        "png_interlaced_without_its_last_pass": BrokenImage(
            _interlaced(png(8, 8, 8, 0, bytes(2 + 2 + 3 + 2 * 3 + 2 * 5 + 4 * 5))), truncated
        ),
        "png_bad_checksum": BrokenImage(plain_png[:200] + b"\0\0\0\0" + plain_png[204:], corrupt),
        "png_no_header_first": BrokenImage(_PNG_SIGNATURE + png_chunk(b"IDAT", b"") + plain_png[8:], corrupt),
        "png_bad_colour_type": BrokenImage(png(8, 8, 3, 5, bytes(100)), corrupt),
        "gif_zero_frame": BrokenImage(gif_of_size(0, 0), zero),
        "gif_bomb": BrokenImage(gif_of_size(60_000, 60_000), too_many),
        "gif_without_frames": BrokenImage(plain_gif[:13] + bytes(768) + b";", corrupt),
        "webp_header_lies": BrokenImage(webp_of_size(3000, 2000), corrupt),
        "webp_bomb": BrokenImage(webp_of_size(16_383, 16_383), too_many),
        "heif_bomb": BrokenImage(iso_media_of_size(ImageFormat.HEIF, 60_000, 60_000), too_many),
        "avif_bomb": BrokenImage(iso_media_of_size(ImageFormat.AVIF, 60_000, 60_000), too_many),
        "heif_zero_size": BrokenImage(iso_media_of_size(ImageFormat.HEIF, 0, 0), zero),
        **{f"{kind}_truncated": _truncated(kind) for kind in ImageFormat},
    }
