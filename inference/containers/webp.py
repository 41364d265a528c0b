"""WebP: the RIFF chunks (RFC 9649 section 2)."""

from inference.containers import Still
from inference.containers.exif import orientation
from inference.errors import DecodeError, DecodeProblem

_HEADER_SIZE = 12
MAX_CHUNKS = 100_000


def read(data: bytes) -> Still:
    """Read the canvas, count the frames, and find the orientation. The body is the file up to its RIFF end.

    Raises:
        DecodeError: truncated or corrupt.

    """
    riff_end = 8 + int.from_bytes(data[4:8], "little")
    if riff_end > len(data):
        raise DecodeError(DecodeProblem.TRUNCATED, "WebP is shorter than it says")
    canvas: tuple[int, int] | None = None
    frames = 0
    turned = 1
    at = _HEADER_SIZE
    for _ in range(MAX_CHUNKS):
        if at + 8 > riff_end:
            break
        kind = data[at : at + 4]
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if end > riff_end:
            raise DecodeError(DecodeProblem.CORRUPT, "WebP chunk passes the end of the file")
        if canvas is None:
            canvas = _canvas(kind, data[at + 8 : at + 18])
        if kind == b"ANMF":
            frames += 1
        elif kind == b"EXIF":
            turned = orientation(data[at + 8 : end])
        at = end + (end & 1)
    else:
        raise DecodeError(DecodeProblem.CORRUPT, f"WebP with more than {MAX_CHUNKS} chunks")
    if canvas is None:
        raise DecodeError(DecodeProblem.CORRUPT, "WebP without a picture")
    body = data if riff_end == len(data) else data[:riff_end]
    return Still(*canvas, several_frames=frames > 1, orientation=turned, body=body)


def _canvas(kind: bytes, chunk: bytes) -> tuple[int, int]:
    if kind == b"VP8X" and len(chunk) == 10:
        return 1 + int.from_bytes(chunk[4:7], "little"), 1 + int.from_bytes(chunk[7:10], "little")
    if kind == b"VP8L" and len(chunk) >= 5 and chunk[0] == 0x2F:
        bits = int.from_bytes(chunk[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and chunk[3:6] == b"\x9d\x01\x2a" and len(chunk) == 10:
        return int.from_bytes(chunk[6:8], "little") & 0x3FFF, int.from_bytes(chunk[8:10], "little") & 0x3FFF
    raise DecodeError(DecodeProblem.CORRUPT, "WebP begins with an unknown chunk")
