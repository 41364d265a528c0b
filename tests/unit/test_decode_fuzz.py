"""decode_image on thousands of damaged files: a typed refusal or a sound picture, never anything else.

By default the examples are the same in every run. ``BUNRI_FUZZ_EXAMPLES=20000`` (a format) asks for that many
fresh ones.
"""

import os
import struct
import zlib
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from inference.decode import DecodedImage, DecodeLimits, decode_image
from inference.errors import DecodeError
from inference.image_format import ImageFormat
from tests.broken_images import broken_images, encode, photo

EXAMPLES = int(os.environ.get("BUNRI_FUZZ_EXAMPLES", "1500"))
LIMITS = DecodeLimits(max_bytes=200_000, max_pixels=1_000_000)
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="BUNRI_FUZZ_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
# Values at the edges of what size, count and offset fields hold.
EDGES = (
    b"\0",
    b"\xff",
    b"\0\0",
    b"\0\1",
    b"\xff\xff",
    b"\x7f\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
)
NEEDED_SIDES = (None, 1, 16, 5000)


@cache
def sound_files(kind: ImageFormat) -> tuple[bytes, ...]:
    """Small files of one format that between them use most of its features."""
    image = photo(48, 36)
    exif = Image.Exif()
    exif[0x0112] = 6
    clear = image.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(image.size))
    frames = [image.rotate(angle) for angle in (90, 180)]
    animated = {"save_all": True, "append_images": frames}
    match kind:
        case ImageFormat.JPEG:
            return (
                encode(image, kind, exif=exif, comment=b"note"),
                encode(image, kind, progressive=True),
                encode(image.convert("CMYK"), kind),
                encode(image.convert("L"), kind, restart_marker_rows=1),
            )
        case ImageFormat.PNG:
            return (
                encode(image, kind, exif=exif),
                encode(clear, kind),
                encode(image.quantize(16), kind, transparency=3),
                encode(image.convert("I;16"), kind),
                encode(image, kind, **animated),
            )
        case ImageFormat.WEBP:
            return (
                encode(image, kind, exif=exif),
                encode(clear, kind),
                encode(image, kind, lossless=True),
                encode(image, kind, **animated),
            )
        case ImageFormat.GIF:
            return encode(image.quantize(16), kind), encode(image, kind, **animated)
        case ImageFormat.AVIF:
            return encode(image, kind, exif=exif), encode(clear, kind), encode(image, kind, **animated)
        case ImageFormat.HEIF:
            return (
                encode(image, kind),
                encode(clear, kind),
                encode(photo(160, 130), kind, tile_size=64),
                encode(image.convert("L"), kind),
            )


@st.composite
def damaged(draw: st.DrawFn, kind: ImageFormat) -> bytes:
    """A sound file with one to six injuries. Most fall on the first bytes, where headers live."""
    data = bytearray(draw(st.sampled_from(sound_files(kind))))
    for _ in range(draw(st.integers(1, 6))):
        reach = draw(st.sampled_from((64, 400, len(data))))
        at = draw(st.integers(0, max(0, min(reach, len(data)) - 1)))
        length = draw(st.integers(1, 40))
        match draw(st.sampled_from(("byte", "bit", "edge", "cut", "drop", "repeat", "move", "insert"))):
            case "byte":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "bit" if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "edge":
                edge = draw(st.sampled_from(EDGES))
                data[at : at + len(edge)] = edge
            case "cut":
                del data[draw(st.integers(0, len(data))) :]
            case "drop":
                del data[at : at + length]
            case "repeat":
                data[at:at] = data[at : at + length] * draw(st.integers(1, 50))
            case "move":
                chunk = data[at : at + length]
                del data[at : at + length]
                there = draw(st.integers(0, len(data)))
                data[there:there] = chunk
            case "insert":
                data[at:at] = draw(st.binary(max_size=20))
    if kind is ImageFormat.PNG and draw(st.booleans()):
        return with_valid_checksums(bytes(data))
    return bytes(data)


def with_valid_checksums(data: bytes) -> bytes:
    """A PNG with its checksums made right, so that damage gets past them."""
    fixed, at = [data[:8]], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        named = data[at + 4 : at + 8 + length]
        fixed += [data[at : at + 4], named, struct.pack(">I", zlib.crc32(named))]
        at += 12 + length
    return b"".join((*fixed, data[at:]))


def check(data: bytes, needed_side: int | None) -> None:
    try:
        decoded = decode_image(data, LIMITS, needed_side=needed_side)
    except DecodeError:
        return
    assert_sound(decoded, needed_side)


def assert_sound(decoded: DecodedImage, needed_side: int | None) -> None:
    height, width, channels = decoded.pixels.shape
    assert channels == 3
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.flags.c_contiguous
    assert 0 < decoded.width * decoded.height <= LIMITS.max_pixels
    assert 0 < width <= decoded.width
    assert 0 < height <= decoded.height
    if needed_side is None:
        assert (width, height) == (decoded.width, decoded.height)
    else:
        assert max(width, height) >= min(needed_side, decoded.width, decoded.height)


@pytest.mark.parametrize("kind", list(ImageFormat))
def test_damaged_files_are_refused_by_type_or_decoded_within_bounds(kind: ImageFormat) -> None:
    @FUZZ
    @given(data=damaged(kind), needed_side=st.sampled_from(NEEDED_SIDES))
    def holds(data: bytes, needed_side: int | None) -> None:
        check(data, needed_side)

    holds()


@pytest.mark.parametrize("kind", list(ImageFormat))
def test_the_files_that_are_damaged_were_sound(kind: ImageFormat) -> None:
    for data in sound_files(kind):
        assert_sound(decode_image(data, LIMITS), None)


@FUZZ
@given(
    start=st.sampled_from(sorted(broken_images())),
    tail=st.binary(max_size=60),
    keep=st.integers(0, 300),
)
def test_made_up_bytes_behind_a_known_beginning_are_refused_by_type(start: str, tail: bytes, keep: int) -> None:
    check(broken_images()[start].data[:keep] + tail, None)


@FUZZ
@given(
    width=st.integers(0, 0xFFFF),
    height=st.integers(0, 0xFFFF),
    kind=st.sampled_from(list(ImageFormat)),
    index=st.integers(0, 4),
)
def test_any_declared_size_is_refused_by_type_or_decoded_within_bounds(
    width: int, height: int, kind: ImageFormat, index: int
) -> None:
    files = sound_files(kind)
    data = files[index % len(files)]
    order, field = {
        ImageFormat.GIF: ("<", "HH"),
        ImageFormat.WEBP: ("<", "HH"),
        ImageFormat.JPEG: (">", "HH"),
    }.get(kind, (">", "II"))
    old = (36, 48) if kind is ImageFormat.JPEG else (48, 36)
    resized = data.replace(struct.pack(order + field, *old), struct.pack(order + field, width, height))
    check(with_valid_checksums(resized) if kind is ImageFormat.PNG else resized, 40)
