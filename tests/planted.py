"""Words planted where residents and operators put theirs, and a search for them in whatever a program left behind."""

import base64
import io
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

CAMERA = "Distinctive Camera 9000"
MAKER_NOTE = b"distinctive maker note 7731"
XMP = b"<x:xmpmeta>distinctive-xmp-creator</x:xmpmeta>"
COMMENT = b"distinctive jpeg comment"
IPTC = b"distinctive-iptc-byline"
BEHIND_THE_END = b"distinctive bytes behind the end of the picture"
PNG_TEXT = "distinctive png author"
SECONDS_EAST = (58_763, 1_009)
"""Of the longitude: a rational number of two that stand together nowhere else. They have no common divisor."""


def located_jpeg(picture: Image.Image | None = None) -> bytes:
    """A JPEG, of this picture, that says where, when and with what it was taken, in each way that a JPEG has."""
    exif = Image.Exif()
    exif[0x0110] = CAMERA
    exif.get_ifd(0x8769)[0x927C] = MAKER_NOTE
    exif.get_ifd(0x8825)[4] = (126.0, 58.0, IFDRational(*SECONDS_EAST))
    content = io.BytesIO()
    picture = picture or Image.effect_noise((160, 120), 80).convert("RGB")
    picture.save(content, "JPEG", quality=90, exif=exif, xmp=XMP, comment=COMMENT)
    plain = content.getvalue()
    iptc = b"Photoshop 3.0\x00" + IPTC
    return plain[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + plain[2:] + BEHIND_THE_END


def authored_png() -> bytes:
    """A PNG with text chunks and EXIF."""
    told = PngInfo()
    told.add_text("Author", PNG_TEXT)
    exif = Image.Exif()
    exif[0x0110] = CAMERA
    content = io.BytesIO()
    Image.effect_noise((160, 120), 80).convert("RGB").save(content, "PNG", pnginfo=told, exif=exif)
    return content.getvalue()


def metadata() -> dict[str, bytes]:
    """What the two pictures say besides their pixels."""
    return {
        "the camera": CAMERA.encode(),
        "the maker note": MAKER_NOTE,
        "the XMP": XMP,
        "the JPEG comment": COMMENT,
        "the IPTC": IPTC,
        "the bytes behind the end": BEHIND_THE_END,
        "the PNG text": PNG_TEXT.encode(),
        "the place": struct.pack("<LL", *SECONDS_EAST),
        "the place, the other way round": struct.pack(">LL", *SECONDS_EAST),
    }


def files_in(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, by its path."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def leaks(files: Mapping[str, bytes], planted: Mapping[str, bytes]) -> list[str]:
    """What of the planted is in the files, as it is or in one of the ways in which programs write bytes down."""
    return [
        f"{what} in {file}{how}"
        for what, word in planted.items()
        for how, written in spellings(word)
        for file, content in files.items()
        if written in content
    ]


def spellings(word: bytes) -> Iterator[tuple[str, bytes]]:
    """The word and how else it may be written: (how, bytes)."""
    yield "", word
    yield " in capitals", word.upper()
    yield " in hexadecimal", word.hex().encode()
    yield " percent-encoded", quote(word).encode()
    yield " as Python writes it", repr(word)[2:-1].encode()
    for start in range(3):
        # Three bytes make four letters: what stands before the word shifts it, and its ends share letters.
        encoded = base64.b64encode(b"\x00" * start + word)
        inner = encoded[4 if start else 0 :][: len(word) // 3 * 4 - 4]
        yield f" in base64 ({start})", inner
        yield f" in url-safe base64 ({start})", inner.translate(bytes.maketrans(b"+/", b"-_"))
    if word.isascii():
        for encoding in ("utf-16-le", "utf-16-be"):
            yield f" in {encoding}", word.decode("ascii").encode(encoding)
