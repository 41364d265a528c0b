"""JPEG: the marker segments (ITU-T T.81 annex B)."""

import re

from inference.containers import Still
from inference.containers.exif import orientation
from inference.errors import DecodeError, DecodeProblem

_SOI, _EOI, _SOS, _DNL = 0xD8, 0xD9, 0xDA, 0xDC
_APP0, _APP1, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xEE, 0xEF, 0xFE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LOSSLESS_OR_HIERARCHICAL = frozenset((0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF))
_STANDALONE = frozenset((0x01, _SOI, *range(0xD0, 0xD8)))
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
# Inside a scan, FF is stuffed with 00 or begins a restart marker; anything else ends the scan.
_SCAN_END = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
# Encoders write some ten scans. Each may cost a walk over all coefficients for a few bytes of file.
MAX_SCANS = 100
# 20 MB of full metadata segments are some 300.
MAX_SEGMENTS = 10_000


def read(data: bytes) -> Still:
    """Read the header and drop metadata and whatever follows the picture.

    Cameras put second pictures (MPF), films (motion photos) and vendor blocks after the end of the image:
    they are ignored, not refused.

    Raises:
        DecodeError: truncated, corrupt, zero-size or unsupported.

    """
    kept = [b"\xff\xd8"]
    size: tuple[int, int] | None = None
    turned = 1
    at = 2
    for _ in range(MAX_SEGMENTS):
        marker, at = _next_marker(data, at)
        if marker in _STANDALONE:
            continue
        if marker == _EOI:
            raise DecodeError(DecodeProblem.TRUNCATED, "JPEG ends before its first scan")
        end = _segment_end(data, at)
        if marker == _SOS:
            break
        if marker in _FRAMES:
            if size is not None:
                raise DecodeError(DecodeProblem.CORRUPT, "JPEG with two frame headers")
            size = _frame_size(marker, data[at + 2 : end])
        elif marker == _APP1 and turned == 1 and data.startswith(b"Exif\0\0", at + 2):
            turned = orientation(data[at + 2 : end])
        if _matters(marker, data, at):
            kept.append(data[at - 2 : end])
        at = end
    else:
        raise DecodeError(DecodeProblem.CORRUPT, f"JPEG with more than {MAX_SEGMENTS} segments")
    if size is None:
        raise DecodeError(DecodeProblem.CORRUPT, "JPEG scan without a frame header")
    kept.append(data[at - 2 : _image_end(data, end)])
    return Still(*size, several_frames=False, orientation=turned, body=b"".join(kept))


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    # libjpeg skips stray bytes before a marker, and some cameras write them.
    found = _MARKER.search(data, at)
    if found is None:
        raise DecodeError(DecodeProblem.TRUNCATED, "JPEG ends in its header")
    return data[found.end() - 1], found.end()


def _segment_end(data: bytes, at: int) -> int:
    length = int.from_bytes(data[at : at + 2], "big")
    if at + max(length, 2) > len(data):
        raise DecodeError(DecodeProblem.TRUNCATED, "JPEG ends inside a segment")
    if length < 2:
        raise DecodeError(DecodeProblem.CORRUPT, "JPEG segment without a length")
    return at + length


def _frame_size(marker: int, frame: bytes) -> tuple[int, int]:
    if marker in _LOSSLESS_OR_HIERARCHICAL:
        raise DecodeError(DecodeProblem.UNSUPPORTED_FORMAT, f"JPEG process {marker:#x}", found="jpeg-lossless")
    if len(frame) < 6:
        raise DecodeError(DecodeProblem.CORRUPT, "JPEG frame header too short")
    if frame[0] != 8:
        raise DecodeError(DecodeProblem.UNSUPPORTED_FORMAT, f"JPEG with {frame[0]} bits a sample", found="jpeg-12-bit")
    return int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")


def _matters(marker: int, data: bytes, at: int) -> bool:
    # JFIF and Adobe segments say what the colour components mean; the other APPn and comments are metadata.
    if marker == _APP0:
        return data.startswith(b"JFIF\0", at + 2)
    if marker == _APP14:
        return data.startswith(b"Adobe", at + 2)
    return not (_APP0 <= marker <= _APP15 or marker in (_COM, _DNL))


def _image_end(data: bytes, at: int) -> int:
    scans = 1
    for _ in range(MAX_SEGMENTS):
        found = _SCAN_END.search(data, at)
        if found is None:
            return len(data)  # no end marker: the decoder knows whether pixels are missing
        marker = data[found.end() - 1]
        at = found.end()
        if marker == _EOI:
            return at
        if marker in _STANDALONE:
            continue
        at = _segment_end(data, at)
        scans += marker == _SOS
        if scans > MAX_SCANS:
            raise DecodeError(DecodeProblem.CORRUPT, f"JPEG with more than {MAX_SCANS} scans")
    raise DecodeError(DecodeProblem.CORRUPT, f"JPEG with more than {MAX_SEGMENTS} segments")
