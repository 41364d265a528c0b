"""PNG and APNG: the chunks (W3C PNG specification, third edition, section 5)."""

import zlib

from inference.containers import Still
from inference.containers.exif import orientation
from inference.errors import DecodeError, DecodeProblem

_SIGNATURE_SIZE = 8
_GREY = 0
# A 20 MB file in the smallest chunks that real encoders write has some 5,000.
MAX_CHUNKS = 100_000


def read(data: bytes) -> Still:
    """Read the header and drop everything that is not the default image.

    Text, colour profiles and animation frames are left out, compressed or not, without unpacking them.

    Raises:
        DecodeError: truncated or corrupt.

    """
    kept = [data[:_SIGNATURE_SIZE]]
    header = b""
    frames = 1
    turned = 1
    at = _SIGNATURE_SIZE
    for _ in range(MAX_CHUNKS):
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            raise DecodeError(DecodeProblem.TRUNCATED, "PNG ends inside a chunk")
        if not header:
            if kind != b"IHDR" or end - at != 25:
                raise DecodeError(DecodeProblem.CORRUPT, "PNG does not begin with its header")
            header = data[at + 8 : end - 4]
        if kind == b"acTL":
            frames = int.from_bytes(data[at + 8 : at + 12], "big")
        elif kind == b"eXIf":
            turned = orientation(data[at + 8 : end - 4])
        elif kind == b"tRNS":
            kept.append(_transparency(data[at:end], depth=header[8], colour_type=header[9]))
        elif kind[:1].isupper():  # upper case marks a critical chunk
            kept.append(data[at:end])
        if kind == b"IEND":
            break
        at = end
    else:
        raise DecodeError(DecodeProblem.CORRUPT, f"PNG with more than {MAX_CHUNKS} chunks")
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    return Still(width, height, several_frames=frames > 1, orientation=turned, body=b"".join(kept))


def _transparency(chunk: bytes, depth: int, colour_type: int) -> bytes:
    """The tRNS chunk as Pillow needs it: it compares the key with samples already widened to 8 bits.

    A key in 16 bits cannot be found again once the samples have 8: there the picture is taken as opaque.
    """
    if depth == 16:
        return b""
    if colour_type != _GREY or depth not in (2, 4) or len(chunk) != 14:
        return chunk
    key = int.from_bytes(chunk[8:10], "big") & (1 << depth) - 1
    named = b"tRNS" + (key * 255 // ((1 << depth) - 1)).to_bytes(2, "big")
    return chunk[:4] + named + zlib.crc32(named).to_bytes(4, "big")
