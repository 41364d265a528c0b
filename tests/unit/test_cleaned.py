"""A photo that is kept holds its pixels and nothing else, whatever came with it."""

import io
from collections.abc import Callable

import numpy as np
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from inference.cleaned import cleaned_photo
from inference.errors import DecodeError
from tests.tiny_photos import scene

TOLD = b"Hong Gildong, Jungnang-gu"
GPS = {1: "N", 2: (37.0, 36.0, 23.0), 3: "E", 4: (127.0, 5.0, 33.0)}


def picture() -> Image.Image:
    return Image.fromarray(scene(1))


def exif(orientation: int = 1) -> bytes:
    told = Image.Exif()
    told[0x0112] = orientation
    told[0x010E] = TOLD.decode()
    told[0x0110] = "Camera of " + TOLD.decode()
    told.get_ifd(0x8825).update(GPS)
    return told.tobytes()


def saved(kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture().save(stream, kind, **options)
    return stream.getvalue()


def jpeg_with_everything() -> bytes:
    return saved(
        "JPEG",
        exif=exif(),
        comment=TOLD,
        xmp=b"<x:xmpmeta>" + TOLD + b"</x:xmpmeta>",
        icc_profile=TOLD * 10,
        dpi=(7, 7),
    )


def png_with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", TOLD.decode())
    info.add_itxt("XML:com.adobe.xmp", TOLD.decode())
    return saved("PNG", pnginfo=info, exif=exif())


def heic_with_place() -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(stream, exif=exif(), xmp=TOLD)
    return stream.getvalue()


@pytest.mark.parametrize(
    "hostile",
    [
        jpeg_with_everything,
        lambda: jpeg_with_everything() + b"\0" * 50 + TOLD * 100,
        lambda: saved("JPEG") + saved("JPEG", comment=TOLD),
        png_with_text,
        lambda: png_with_text() + TOLD,
        lambda: saved("WEBP", exif=exif(), xmp=TOLD, lossless=True),
        lambda: saved("GIF", comment=TOLD),
        heic_with_place,
        lambda: saved("AVIF", exif=exif(), xmp=TOLD),
    ],
    ids=["jpeg", "jpeg and more", "jpeg and jpeg", "png", "png and more", "webp", "gif", "heic", "avif"],
)
def test_nothing_but_pixels_is_kept(hostile: Callable[[], bytes]) -> None:
    given = hostile()
    assert TOLD in given, "the test's photo says what it should not"
    cleaned = cleaned_photo(given)
    assert TOLD not in cleaned.data
    for mark in (b"Exif", b"xmp", b"http", b"ICC_PROFILE", b"Gildong", b"GPS"):
        assert mark not in cleaned.data
    assert markers_of(cleaned.data) <= {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, 0xDA, 0xD9}
    assert cleaned.data.endswith(b"\xff\xd9")
    kept = Image.open(io.BytesIO(cleaned.data))
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (cleaned.width, cleaned.height))
    assert not kept.getexif()
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_that_is_an_archive_too_is_no_photo() -> None:
    import zipfile

    stream = io.BytesIO(saved("JPEG"))
    stream.seek(0, io.SEEK_END)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("told.txt", TOLD)
    with pytest.raises(DecodeError):
        cleaned_photo(stream.getvalue())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_upright_once(orientation: int) -> None:
    from PIL import ImageOps

    given = saved("PNG", exif=exif(orientation))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(given)))
    cleaned = cleaned_photo(given)
    kept = Image.open(io.BytesIO(cleaned.data))
    assert kept.size == upright.size == (cleaned.width, cleaned.height)
    difference = np.abs(np.asarray(kept, np.int16) - np.asarray(upright.convert("RGB"), np.int16))
    assert difference.mean() < 12
    again = cleaned_photo(cleaned.data)
    assert (again.width, again.height) == (cleaned.width, cleaned.height)


def test_the_same_pixels_have_the_same_hash_and_others_another() -> None:
    plain = cleaned_photo(saved("PNG"))
    assert cleaned_photo(png_with_text()).pixels == plain.pixels
    assert cleaned_photo(saved("WEBP", lossless=True)).pixels == plain.pixels
    assert cleaned_photo(saved("PNG", exif=exif(3))).pixels != plain.pixels
    one, other = (Image.new("RGB", size) for size in ((40, 60), (60, 40)))
    hashes = set()
    for each in (one, other):
        stream = io.BytesIO()
        each.save(stream, "PNG")
        hashes.add(cleaned_photo(stream.getvalue()).pixels)
    assert len(hashes) == 2


def markers_of(data: bytes) -> set[int]:
    """Every marker of a JPEG (ITU-T T.81, B.1.1.3), from start to end; restart markers and stuffing left out."""
    found, at = {data[1]}, 2
    while True:
        assert data[at] == 0xFF
        marker = data[at + 1]
        found.add(marker)
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            break
    end = data.index(b"\xff\xd9", at)
    assert end + 2 == len(data), "nothing is behind the end"
    return found | {0xD9}
