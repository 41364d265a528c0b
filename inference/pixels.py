"""A decoded picture of any mode -> upright RGB, a strip at a time so that no second full copy is made."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_STRIP_PIXELS = 1 << 20
_TRANSPARENT_MODES = frozenset(("LA", "La", "PA", "RGBA", "RGBa"))
# 16-bit sample -> the nearest 8-bit one (PNG specification 13.12): 65535 stays white, nothing is clipped.
_SIXTEEN_TO_EIGHT = ((np.arange(65536, dtype=np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def upright_rgb(image: Image.Image, orientation: int, reduction: int) -> NDArray[np.uint8]:
    """Convert ``image`` to RGB, average blocks of pixels, and turn it upright.

    Transparency is composited on white, as a browser shows it.

    Args:
        image: a loaded picture of any mode that the accepted formats give.
        orientation: EXIF orientation, 1..8.
        reduction: side, in pixels, of the square blocks to average; 1 leaves every pixel.

    Returns:
        (H, W, 3), C-contiguous, read-only. H and W: the upright sides divided by ``reduction``, rounded up.

    Raises:
        ValueError: the mode cannot be converted.

    """
    width, height = -(-image.width // reduction), -(-image.height // reduction)
    rows = max(1, _STRIP_PIXELS // (image.width * reduction)) * reduction
    if rows >= image.height and orientation == 1:
        pixels = np.asarray(_flat(image, reduction))
    else:
        shape = (height, width, 3) if orientation < 5 else (width, height, 3)
        pixels = np.empty(shape, np.uint8)
        stored = _as_stored(pixels, orientation)
        for top, strip in _strips(image, rows):
            stored[top // reduction : (top + strip.height - 1) // reduction + 1] = np.asarray(_flat(strip, reduction))
    pixels.flags.writeable = False
    return pixels


def _strips(image: Image.Image, rows: int) -> Iterator[tuple[int, Image.Image]]:
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(image.height, top + rows)))


def _flat(image: Image.Image, reduction: int) -> Image.Image:
    rgb = _rgb(image)
    return rgb.reduce(reduction) if reduction > 1 else rgb


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray(_SIXTEEN_TO_EIGHT[np.asarray(image)]).convert("RGB")
    if image.mode in _TRANSPARENT_MODES or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return image if image.mode == "RGB" else image.convert("RGB")


def _as_stored(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """A view of ``upright`` whose rows are those of the picture as stored (Exif 3.0, 4.6.5.1.5)."""
    match orientation:
        case 2:
            return upright[:, ::-1]
        case 3:
            return upright[::-1, ::-1]
        case 4:
            return upright[::-1]
        case 5:
            return upright.swapaxes(0, 1)
        case 6:
            return np.rot90(upright, 1)
        case 7:
            return upright[::-1, ::-1].swapaxes(0, 1)
        case 8:
            return np.rot90(upright, -1)
        case _:
            return upright
