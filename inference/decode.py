"""Untrusted bytes -> validated pixels. The only place in Bunri where image bytes are decoded.

The steps, each of which may refuse: the byte cap; what the content says it is; our own reading of the
container (``inference/containers``), which gives the size and strips the file to one bare picture; the pixel
cap; only then Pillow or libheif; and last the conversion to upright RGB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from inference.answer import Notice
from inference.containers import Still, gif, iso_media, jpeg, png, webp
from inference.containers.exif import orientation
from inference.errors import DecodeError, DecodeProblem
from inference.image_format import ImageFormat, is_also_zip, name_foreign, sniff
from inference.pixels import upright_rgb

# Longest side that any camera or screen makes; beyond it (a PNG may be 1 x 50,000,000) row tables alone
# outgrow the pixels.
MAX_SIDE = 65_535
# A photo with a shorter side below this many pixels shows too little of a thing to be sure of it.
LOW_RESOLUTION_SIDE = 64
# The memory bound: eight times the RGB result. Measured at the peak: 7.5 for a JPEG in full (0.2 at 1/8), 10
# to 12 for progressive ones, 8 for PNG, 5 for GIF, 10 to 13 for AVIF, 8 to 20 for HEIF, 16 to 19 for WebP.
BYTES_PER_PIXEL = 24
# AVIF: colour and alpha may each be as large as the picture.
_CODED_PER_PIXEL = 2

_READERS: dict[ImageFormat, Callable[[bytes], Still]] = {
    ImageFormat.JPEG: jpeg.read,
    ImageFormat.PNG: png.read,
    ImageFormat.WEBP: webp.read,
    ImageFormat.GIF: gif.read,
    ImageFormat.HEIF: iso_media.read,
    ImageFormat.AVIF: iso_media.read,
}
# The plugin classes are called by name and not through Image.open: exactly one decoder sees the bytes, and
# Pillow's process-wide settings (registered plugins, MAX_IMAGE_PIXELS and its warning) play no part.
_PLUGINS: dict[ImageFormat, Callable[[BytesIO], Image.Image]] = {
    ImageFormat.JPEG: JpegImageFile,
    ImageFormat.PNG: PngImageFile,
    ImageFormat.WEBP: WebPImageFile,
    ImageFormat.GIF: GifImageFile,
    ImageFormat.AVIF: AvifImageFile,
}


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """How large a file may be.

    Attributes:
        max_bytes: largest accepted file, in bytes.
        max_pixels: largest accepted picture, in pixels, as stored. Decoding takes at most ``BYTES_PER_PIXEL``
            times this of memory, beside some copies of the file.

    """

    max_bytes: int = 20_000_000
    max_pixels: int = 50_000_000


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A photo as pixels.

    Attributes:
        pixels: (H, W, 3) RGB, C-contiguous, upright, read-only.
        format: what it was stored as.
        width: of the original in pixels, upright, before any scaling while decoding.
        height: likewise.
        notices: what the resident should know about the picture.

    """

    pixels: NDArray[np.uint8]
    format: ImageFormat
    width: int
    height: int
    notices: tuple[Notice, ...]


_DEFAULT_LIMITS = DecodeLimits()


def decode_image(
    data: bytes, limits: DecodeLimits = _DEFAULT_LIMITS, *, needed_side: int | None = None
) -> DecodedImage:
    """Decode a photo, whatever the bytes are. Blocking; safe to call from several threads at once.

    Args:
        data: the file.
        limits: caps on the file and on the picture.
        needed_side: how many pixels the caller needs on the longer side. Pictures are decoded at 1/2, 1/4 or
            1/8 where that leaves at least as many, so that a 12-megapixel JPEG costs little. None: in full.

    Raises:
        DecodeError: the bytes are not a photo that we accept. No other exception leaves this function.

    """
    kind = _recognise(data, limits)
    try:
        still = _READERS[kind](data)
        _check_size(still.width, still.height, limits)
        if still.coded_pixels > _CODED_PER_PIXEL * limits.max_pixels:
            raise DecodeError(DecodeProblem.TOO_MANY_PIXELS, "coded larger than declared", limit=limits.max_pixels)
        return _decode(kind, still, limits, needed_side)
    except DecodeError:
        raise
    except Image.DecompressionBombError as error:
        raise DecodeError(DecodeProblem.TOO_MANY_PIXELS, str(error), limit=limits.max_pixels) from error
    except Exception as error:  # decoders raise nearly every built-in type on hostile bytes
        raise DecodeError(_problem(error), f"{type(error).__name__}: {error}"[:120]) from error


def _recognise(data: bytes, limits: DecodeLimits) -> ImageFormat:
    if not data:
        raise DecodeError(DecodeProblem.EMPTY)
    if len(data) > limits.max_bytes:
        raise DecodeError(DecodeProblem.TOO_MANY_BYTES, f"{len(data)} bytes", limit=limits.max_bytes)
    kind = sniff(data)
    if kind is None:
        found, is_picture = name_foreign(data) or (None, False)
        problem = DecodeProblem.UNSUPPORTED_FORMAT if is_picture else DecodeProblem.NOT_AN_IMAGE
        raise DecodeError(problem, found=found)
    if is_also_zip(data):
        raise DecodeError(DecodeProblem.UNSUPPORTED_FORMAT, "a zip archive too", found="zip-polyglot")
    return kind


def _check_size(width: int, height: int, limits: DecodeLimits) -> None:
    if width <= 0 or height <= 0:
        raise DecodeError(DecodeProblem.ZERO_SIZE, f"{width} x {height}")
    if width * height > limits.max_pixels or max(width, height) > MAX_SIDE:
        raise DecodeError(DecodeProblem.TOO_MANY_PIXELS, f"{width} x {height}", limit=limits.max_pixels)


def _problem(error: Exception) -> DecodeProblem:
    text = str(error).lower()
    if isinstance(error, EOFError) or "truncated" in text or "end of file" in text:
        return DecodeProblem.TRUNCATED
    return DecodeProblem.CORRUPT


def _decode(kind: ImageFormat, still: Still, limits: DecodeLimits, needed_side: int | None) -> DecodedImage:
    image: Image.Image
    turned, several = still.orientation, still.several_frames
    if kind is ImageFormat.HEIF:
        heif = pillow_heif.open_heif(still.body, convert_hdr_to_8bit=True)
        width, height = heif.size
        _check_size(width, height, limits)
        image, several = heif.to_pillow(), several or len(heif) > 1
        del heif  # and with it the decoder's own copy of the pixels
        width, height = image.size
    else:
        if kind is ImageFormat.PNG:
            png.check_rows(still.body)
        image = _PLUGINS[kind](BytesIO(still.body))
        width, height = image.size
        _check_size(width, height, limits)
        if kind is ImageFormat.AVIF:
            turned = orientation(image.info.get("exif", b""))  # Pillow's way to report rotation in AVIF
    reduction = _reduction(max(width, height), needed_side)
    if kind is ImageFormat.JPEG:
        if reduction > 1:
            image.draft("RGB", (max(1, width // reduction), max(1, height // reduction)))
        reduction = 1
    image.load()
    pixels = upright_rgb(image, turned, reduction)
    if turned >= 5:
        width, height = height, width
    return DecodedImage(pixels, kind, width, height, _notices(width, height, several))


def _reduction(longer_side: int, needed_side: int | None) -> int:
    # JPEG can be decoded at these scales, and the other formats follow so that all look alike afterwards.
    if needed_side is None:
        return 1
    return next((scale for scale in (8, 4, 2) if longer_side >= scale * needed_side), 1)


def _notices(width: int, height: int, several_frames: bool) -> tuple[Notice, ...]:
    found = {
        Notice.FIRST_FRAME_ONLY: several_frames,
        Notice.LOW_RESOLUTION: min(width, height) < LOW_RESOLUTION_SIDE,
    }
    return tuple(notice for notice, applies in found.items() if applies)
