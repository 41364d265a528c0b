"""The one thing we want from EXIF: the orientation.

Read by hand because a general EXIF reader does far more than needed on untrusted bytes, warns about what it
finds, and costs more than decoding a small photo.
"""

import struct

_ORIENTATION = 0x0112
_SHORT, _LONG = 3, 4


def orientation(exif: bytes) -> int:
    """EXIF orientation, 1..8, from a TIFF structure with or without the ``Exif`` prefix.

    Anything damaged or absent reads as 1: a photo is not refused for its metadata. Source: CIPA DC-008
    (Exif 3.0) 4.6.5.1.5, TIFF 6.0 section 2.
    """
    tiff = exif[6:] if exif.startswith(b"Exif\0\0") else exif
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, start)
        for at in range(start + 2, start + 2 + 12 * entries, 12):
            tag, kind, count = struct.unpack_from(order + "HHI", tiff, at)
            if tag == _ORIENTATION:
                if count != 1 or kind not in (_SHORT, _LONG):
                    return 1
                (value,) = struct.unpack_from(order + ("H" if kind == _SHORT else "I"), tiff, at + 8)
                return value if 1 <= value <= 8 else 1
    except struct.error:  # cut short
        return 1
    return 1
