"""What kind of file bytes are, by their content. Names and declared MIME types are never looked at."""

import re
from enum import StrEnum


class ImageFormat(StrEnum):
    """The formats that Bunri decodes."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIF = "heif"
    AVIF = "avif"
    GIF = "gif"


# Pictures, films and pages: a person could have meant to show us what is in them.
_FOREIGN_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"II\xbc", "jpeg-xr"),
    (b"8BPS", "psd"),
    (b"%!PS", "eps"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"\0\0\x01\0", "ico"),
    (b"\0\0\x02\0", "cur"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
    (b"\xff\x0a", "jpeg-xl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jpeg-xl"),
    (b"qoif", "qoi"),
    (b"DDS ", "dds"),
    (b"FUJIFILMCCD-RAW", "raw"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"\0\0\x01\xba", "mpeg"),
    (b"%PDF-", "pdf"),
)
# Everything else with a name.
_NOT_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x7fELF", "elf"),
    (b"MZ", "exe"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"SQLite format 3\0", "sqlite"),
)
_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1")
)
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_HEAD_SIZE = 4096
_MARKUP = re.compile(rb"<(svg|html|!doctype html)\b", re.IGNORECASE)
_END_OF_ZIP = b"PK\x05\x06"
_END_OF_ZIP_SIZE = 22
_ZIP_DIRECTORY_ENTRY = b"PK\x01\x02"
_ZIP64_LOCATOR = b"PK\x06\x07"
_ZIP64_LOCATOR_SIZE = 20


def sniff(data: bytes) -> ImageFormat | None:
    """Tell which accepted format ``data`` begins like, or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return ImageFormat.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageFormat.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ImageFormat.WEBP
    if data.startswith((b"GIF87a", b"GIF89a")):
        return ImageFormat.GIF
    if data[4:8] == b"ftyp":
        return _sniff_iso_media(data)
    return None


def _sniff_iso_media(data: bytes) -> ImageFormat | None:
    # Both formats share one container. Files of either may lead with the generic brand mif1, and then
    # only the list of compatible brands tells them apart.
    size = min(int.from_bytes(data[:4], "big"), 512)
    major = data[8:12]
    brands = {major, *(data[i : i + 4] for i in range(16, size - 3, 4))}
    if major in _AVIF_BRANDS:
        return ImageFormat.AVIF
    if major not in _HEIF_BRANDS:
        return None  # a film (isom, mp42, qt) or a raw photo (crx) may list mif1 among its brands
    specific = brands & (_HEIF_BRANDS - {b"mif1", b"mif2", b"msf1"})
    return ImageFormat.AVIF if brands & _AVIF_BRANDS and not specific else ImageFormat.HEIF


def name_foreign(data: bytes) -> tuple[str, bool] | None:
    """Name a file that is none of the accepted formats.

    Returns:
        the kind ("pdf", "tiff", "text", ...) and whether it is a picture, a film or a page, that is
        something a person could have meant as a photo; None when the bytes are like nothing known.

    """
    for magic, name in _FOREIGN_PICTURES:
        if data.startswith(magic):
            return name, True
    for magic, name in _NOT_PICTURES:
        if data.startswith(magic):
            return name, False
    if data[4:8] == b"ftyp":
        return ("raw" if data[8:11] == b"crx" else "mp4"), True
    if data.startswith(b"RIFF"):
        return ("avi", True) if data[8:12] == b"AVI " else ("riff", False)
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        return "bmp", True
    if b"%PDF-" in data[:1024]:  # readers accept junk before a PDF's header, so files exist that have it
        return "pdf", True
    return _name_text(data[:_HEAD_SIZE])


def _name_text(head: bytes) -> tuple[str, bool] | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text", False
    if b"\0" in head:
        return None
    if any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head):
        return None
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) < _HEAD_SIZE or len(head) - error.start > 3:  # else our own cut split the last character
            return None
    markup = _MARKUP.search(head)
    if markup is None:
        return "text", False
    return ("svg", True) if markup[1].lower() == b"svg" else ("html", False)


def is_also_zip(data: bytes) -> bool:
    """Tell whether unpackers would open ``data`` as a zip archive, whatever it begins with.

    An archive is found from its end: an end record in the last 64 KiB (its comment may be that long)
    that points back at a directory (APPNOTE.TXT 4.3.16). Both must be there, so that a photo which
    holds the four letters by chance passes.
    """
    at = len(data)
    first = max(0, len(data) - _END_OF_ZIP_SIZE - 0xFFFF)
    while (at := data.rfind(_END_OF_ZIP, first, at)) >= 0:
        directory = at - int.from_bytes(data[at + 12 : at + 16], "little")
        entries = int.from_bytes(data[at + 10 : at + 12], "little")
        if entries and directory >= 0 and data.startswith(_ZIP_DIRECTORY_ENTRY, directory):
            return True
        if at >= _ZIP64_LOCATOR_SIZE and data.startswith(_ZIP64_LOCATOR, at - _ZIP64_LOCATOR_SIZE):
            return True
    return False
