"""PNG and APNG: the chunks (W3C PNG specification, third edition, section 5)."""

import struct
import zlib
from collections.abc import Iterator

from inference.containers import Still
from inference.containers.exif import orientation
from inference.errors import DecodeError, DecodeProblem

_SIGNATURE_SIZE = 8
_GREY = 0
# A 20 MB file in the smallest chunks that real encoders write has some 5,000.
MAX_CHUNKS = 100_000
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: first column, first row, step across, step down.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_WHOLE = ((0, 0, 1, 1),)
_STEP = 1 << 18


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


def check_rows(body: bytes) -> None:
    """Unpack the rows, keeping none, and see that there are as many as the header says.

    Pillow takes a stream that ends early but properly for a picture, and paints what is missing black.

    Args:
        body: as ``read`` returns it, of a size that has been checked.

    Raises:
        DecodeError: too few rows.
        zlib.error: not a zlib stream.

    """
    missing = _row_bytes(body)
    unpacking = zlib.decompressobj()
    for packed in _packed(body):
        while packed and missing > 0 and not unpacking.eof:
            missing -= len(unpacking.decompress(packed, _STEP))
            packed = unpacking.unconsumed_tail
    # What the last call kept back for want of room.
    while missing > 0 and not unpacking.eof:
        rows = unpacking.decompress(b"", _STEP)
        if not rows:
            break
        missing -= len(rows)
    if missing > 0:
        raise DecodeError(DecodeProblem.TRUNCATED, f"PNG lacks {missing} bytes of its rows")


def _row_bytes(body: bytes) -> int:
    """Bytes of all rows with their filter bytes; 0 where the header makes no sense, which the decoder says."""
    width, height, depth, colour_type, _, _, interlaced = struct.unpack_from(">IIBBBBB", body, _SIGNATURE_SIZE + 8)
    bits = depth * _CHANNELS.get(colour_type, 0)
    total = 0
    for left, top, across, down in _PASSES if interlaced else _WHOLE:
        columns, rows = -((left - width) // across), -((top - height) // down)
        if columns > 0 and rows > 0 and bits:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _packed(body: bytes) -> Iterator[bytes]:
    at = _SIGNATURE_SIZE
    while at < len(body):
        end = at + 12 + int.from_bytes(body[at : at + 4], "big")
        if body[at + 4 : at + 8] == b"IDAT":
            yield body[at + 8 : end - 4]
        at = end


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
