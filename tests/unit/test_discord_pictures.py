"""Pictures are made to fit the upload limit."""

import io

from PIL import Image

from bots.discord.pictures import files_of, fitted_pictures
from bots.reply import Picture
from tests.fake_discord.pictures import noisy_png

MARK = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>trainedAlgorithmicMedia</x:xmpmeta>"


async def test_a_picture_that_fits_stays_as_it_is() -> None:
    picture = Picture(noisy_png(64), "paper-1.png", "AI-generated")
    assert await fitted_pictures([picture], len(picture.content)) == (picture,)


async def test_a_picture_that_is_too_large_becomes_a_smaller_jpeg() -> None:
    picture = Picture(noisy_png(400), "paper-1.png", "AI-generated")
    (fitted,) = await fitted_pictures([picture], 20_000)
    assert len(fitted.content) <= 20_000
    assert (fitted.name, fitted.caption) == ("paper-1.jpg", "AI-generated")
    with Image.open(io.BytesIO(fitted.content)) as opened:
        assert opened.format == "JPEG"


async def test_the_mark_of_what_is_generated_goes_along() -> None:
    file = io.BytesIO()
    Image.open(io.BytesIO(noisy_png(300))).convert("RGB").save(file, "JPEG", quality=100, xmp=MARK)
    (fitted,) = await fitted_pictures([Picture(file.getvalue(), "a.jpg", "")], 30_000)
    assert MARK in fitted.content


async def test_a_limit_that_nothing_meets_ends() -> None:
    (fitted,) = await fitted_pictures([Picture(noisy_png(100), "a.png", "")], 10)
    assert fitted.name == "a.jpg"


def test_an_upload_describes_itself_to_those_who_cannot_see_it() -> None:
    (file,) = files_of([Picture(b"x", "a.png", "AI-generated: paper")])
    assert (file.filename, file.description) == ("a.png", "AI-generated: paper")
