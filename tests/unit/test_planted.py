"""The search for leaks finds leaks."""

import base64
import io
from urllib.parse import quote

import pytest
from PIL import Image

from tests.planted import authored_png, leaks, located_jpeg, metadata

WORD = b"a distinctive word: 7/3?"


@pytest.mark.parametrize(
    "written",
    [
        WORD,
        WORD.upper(),
        WORD.hex().encode(),
        quote(WORD).encode(),
        base64.b64encode(WORD),
        base64.b64encode(b"x" + WORD + b"yz"),
        base64.urlsafe_b64encode(b"xy" + WORD + b"z"),
        WORD.decode().encode("utf-16-le"),
    ],
)
def test_a_planted_word_is_found_however_it_is_written(written: bytes) -> None:
    files = {"clean": b"nothing of interest" * 100, "dirty": b"before " + written + b" after"}
    found = leaks(files, {"the word": WORD})
    assert found
    assert all("dirty" in each for each in found)


def test_what_is_not_there_is_not_found() -> None:
    assert leaks({"clean": b"a distinctive ward" * 10}, {"the word": WORD}) == []


def test_the_pictures_hold_what_is_searched_for() -> None:
    pictures = {"jpeg": located_jpeg(), "png": authored_png()}
    for content in pictures.values():
        Image.open(io.BytesIO(content)).load()
    found = " ".join(leaks(pictures, metadata()))
    for what in metadata():
        if not what.startswith("the place"):
            assert what in found
    assert "the place" in found
