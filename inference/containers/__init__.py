"""Reading the outside of image files: sizes, frames and orientation, without decoding a pixel.

Each module reads one container and hands back a ``Still``: the facts needed to decide whether to decode
at all, and a body stripped to one bare picture. Decoders then never see metadata, further frames or
trailing data, where much of the trouble with hostile files lives (text bombs, EXIF parsers, vendor blocks).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Still:
    """One picture as its container declares it.

    Attributes:
        width: stored width in pixels, before orientation is applied.
        height: stored height in pixels.
        several_frames: whether the file holds more pictures than the one in ``body``.
        orientation: EXIF orientation (1..8) still to be applied; 1 where the decoder applies it.
        body: the bytes for the decoder.
        coded_pixels: pixels that the coded streams claim, where they are read apart from the declared size
            (AVIF); 0 elsewhere.

    """

    width: int
    height: int
    several_frames: bool
    orientation: int
    body: bytes
    coded_pixels: int = 0
