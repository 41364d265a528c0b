"""decode_image: each colour mode, orientation, size and refusal, against expectations worked out by hand."""

import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from inference.answer import Notice
from inference.decode import DecodeLimits, decode_image
from inference.errors import DecodeError, DecodeProblem
from inference.image_format import ImageFormat
from tests.broken_images import (
    broken_images,
    encode,
    iso_media_of_size,
    photo,
    png,
    png_chunk,
    replaced,
)

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
LOSSY = 12  # levels a lossy coder may be off on flat areas
WHITE = [255, 255, 255]

# Where the stored corners (top left, top right, bottom left, bottom right) belong when upright: the table of
# "0th row / 0th column" in Exif 3.0, 4.6.5.1.5, drawn out.
UPRIGHT_CORNERS = {
    1: "abcd",
    2: "badc",
    3: "dcba",
    4: "cdab",
    5: "acbd",
    6: "cadb",
    7: "dbca",
    8: "bdac",
}
CORNER_COLOURS = {"a": (230, 20, 20), "b": (20, 200, 20), "c": (20, 20, 220), "d": (240, 240, 30)}


def four_corners(width: int = 128, height: int = 96) -> Image.Image:
    image = Image.new("RGB", (width, height))
    for i, colour in enumerate(CORNER_COLOURS.values()):
        image.paste(colour, (i % 2 * width // 2, i // 2 * height // 2, width, height))
        if i == 2:
            image.paste(colour, (0, height // 2, width // 2, height))
    return image


def corners_of(pixels: NDArray[np.uint8]) -> str:
    height, width, _ = pixels.shape
    names = ""
    for y, x in ((0.2, 0.2), (0.2, 0.8), (0.8, 0.2), (0.8, 0.8)):
        seen = pixels[int(y * height), int(x * width)].astype(int)
        names += min(CORNER_COLOURS, key=lambda name: np.abs(seen - CORNER_COLOURS[name]).sum())
    return names


def tagged(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def row(data: bytes) -> list[list[int]]:
    """The pixels of a picture of one row."""
    pixels = decode_image(data).pixels
    assert pixels.shape[0] == 1
    colours: list[list[int]] = pixels[0].tolist()
    return colours


class TestColour:
    @pytest.mark.parametrize(
        ("depth", "packed", "expected"),
        [(1, 0b01000000, [0, 255]), (2, 0b00011011, [0, 85, 170, 255]), (4, 0x5F, [85, 255])],
    )
    def test_grey_of_few_bits_spans_black_to_white(self, depth: int, packed: int, expected: list[int]) -> None:
        data = png(len(expected), 1, depth, GREY, bytes((0, packed)))
        assert row(data) == [[v] * 3 for v in expected]

    def test_grey_of_16_bits_is_scaled_and_not_clipped(self) -> None:
        samples = (0, 127, 129, 255, 256, 32768, 65535)
        data = png(len(samples), 1, 16, GREY, b"\0" + struct.pack(f">{len(samples)}H", *samples))
        assert row(data) == [[round(v * 255 / 65535)] * 3 for v in samples]

    def test_colour_of_16_bits_keeps_its_high_byte(self) -> None:
        data = png(2, 1, 16, RGB, b"\0" + struct.pack(">6H", 0, 32768, 65535, 0x1200, 0x3400, 0x5600))
        assert row(data) == [[0, 128, 255], [0x12, 0x34, 0x56]]

    def test_palette_colours_are_looked_up(self) -> None:
        palette = png_chunk(b"PLTE", bytes((9, 8, 7, 200, 100, 50)))
        assert row(png(3, 1, 8, PALETTE, b"\0\1\0\1", palette)) == [[200, 100, 50], [9, 8, 7], [200, 100, 50]]

    def test_transparent_palette_entry_shows_white(self) -> None:
        chunks = (png_chunk(b"PLTE", bytes((9, 8, 7, 200, 100, 50))), png_chunk(b"tRNS", b"\x00\xff"))
        assert row(png(2, 1, 8, PALETTE, b"\0\0\1", *chunks)) == [WHITE, [200, 100, 50]]

    def test_half_transparent_palette_entry_is_mixed_with_white(self) -> None:
        chunks = (png_chunk(b"PLTE", bytes((0, 100, 255))), png_chunk(b"tRNS", b"\x80"))
        assert row(png(1, 1, 8, PALETTE, b"\0\0", *chunks)) == [
            [round(255 + (v - 255) * 128 / 255) for v in (0, 100, 255)]
        ]

    @pytest.mark.parametrize(
        ("depth", "samples", "key"),
        [(2, b"\x1b", 1), (4, b"\x01", 1), (8, b"\0\7", 7)],  # black, then the transparent value
    )
    def test_transparent_grey_value_shows_white(self, depth: int, samples: bytes, key: int) -> None:
        named = png_chunk(b"tRNS", struct.pack(">H", key))
        assert row(png(2, 1, depth, GREY, b"\0" + samples, named)) == [[0, 0, 0], WHITE]

    def test_transparent_colour_shows_white(self) -> None:
        key = png_chunk(b"tRNS", struct.pack(">3H", 1, 2, 3))
        assert row(png(2, 1, 8, RGB, bytes((0, 1, 2, 3, 3, 2, 1)), key)) == [WHITE, [3, 2, 1]]

    @pytest.mark.parametrize("alpha", [0, 1, 127, 254, 255])
    def test_alpha_is_composited_on_white(self, alpha: int) -> None:
        seen = row(png(1, 1, 8, RGBA, bytes((0, 10, 120, 250, alpha))))[0]
        assert seen == pytest.approx([255 + (v - 255) * alpha / 255 for v in (10, 120, 250)], abs=1)

    def test_grey_with_alpha_is_composited_on_white(self) -> None:
        seen = row(png(3, 1, 8, GREY_ALPHA, bytes((0, 40, 255, 40, 0, 0, 51))))
        assert seen == [[40] * 3, WHITE, [204] * 3]

    def test_alpha_of_16_bits_is_composited_on_white(self) -> None:
        data = png(2, 1, 16, RGBA, b"\0" + struct.pack(">8H", 0x1000, 0, 0xFFFF, 0xFFFF, 5, 6, 7, 0))
        assert row(data) == [[0x10, 0, 255], WHITE]

    @pytest.mark.parametrize("kind", [ImageFormat.WEBP, ImageFormat.AVIF, ImageFormat.HEIF])
    def test_alpha_of_lossy_formats_is_composited_on_white(self, kind: ImageFormat) -> None:
        image = Image.new("RGBA", (128, 96), (200, 40, 40, 255))
        image.paste((200, 40, 40, 0), (64, 0, 128, 96))
        pixels = decode_image(encode(image, kind, quality=95)).pixels.astype(int)
        assert pixels[48, 20] == pytest.approx((200, 40, 40), abs=LOSSY)
        assert pixels[48, 110] == pytest.approx((255, 255, 255), abs=LOSSY)

    @pytest.mark.parametrize("kind", list(ImageFormat))
    def test_plain_colours_survive_every_format(self, kind: ImageFormat) -> None:
        image = four_corners()
        decoded = decode_image(encode(image, kind))
        assert (decoded.format, decoded.width, decoded.height) == (kind, 128, 96)
        assert corners_of(decoded.pixels) == "abcd"
        assert decoded.pixels[10, 10].astype(int) == pytest.approx(CORNER_COLOURS["a"], abs=LOSSY)

    @pytest.mark.parametrize("kind", [ImageFormat.JPEG, ImageFormat.WEBP, ImageFormat.AVIF, ImageFormat.HEIF])
    def test_grey_pictures_have_three_equal_channels(self, kind: ImageFormat) -> None:
        pixels = decode_image(encode(Image.new("L", (80, 80), 99), kind)).pixels.astype(int)
        assert pixels == pytest.approx(np.full((80, 80, 3), 99), abs=3)

    def test_grey_heif_of_10_bits_is_scaled(self) -> None:
        heif = pillow_heif.from_bytes("L;16", (64, 64), np.full((64, 64), 40_000, np.uint16).tobytes())
        file = BytesIO()
        heif.save(file, quality=-1)
        assert decode_image(file.getvalue()).pixels.astype(int) == pytest.approx(
            np.full((64, 64, 3), 40_000 / 257), abs=2
        )

    def test_cmyk_jpeg_is_read_as_adobe_writes_it(self) -> None:
        ink = (30, 200, 90, 50)
        data = encode(Image.new("CMYK", (64, 64), ink), ImageFormat.JPEG, quality=98)
        expected = [(255 - v) * (255 - ink[3]) / 255 for v in ink[:3]]
        assert decode_image(data).pixels[30, 30].astype(int) == pytest.approx(expected, abs=4)

    def test_ycck_jpeg_is_read_as_adobe_writes_it(self) -> None:
        # The same stored samples, said to be YCCK: (Y, Cb, Cr) of the inverted ink, and K inverted.
        y, cb, cr, k = 120, 100, 160, 200
        plain = encode(
            Image.new("CMYK", (64, 64), (255 - y, 255 - cb, 255 - cr, 255 - k)), ImageFormat.JPEG, quality=98
        )
        adobe = plain.index(b"Adobe")
        data = plain[: adobe + 11] + b"\2" + plain[adobe + 12 :]
        rgb = (y + 1.402 * (cr - 128), y - 0.344 * (cb - 128) - 0.714 * (cr - 128), y + 1.772 * (cb - 128))
        # libjpeg gives C = 255 - R; Adobe files hold it inverted, so light = R inverted twice.
        expected = [(255 - v) * k / 255 for v in rgb]
        assert decode_image(data).pixels[30, 30].astype(int) == pytest.approx(expected, abs=4)

    def test_large_pictures_are_converted_strip_by_strip_without_seams(self) -> None:
        image = photo(1500, 1400).convert("RGBA")
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        stored = np.asarray(image).astype(int)
        alpha = stored[:, :, 3:]
        expected = 255 + (stored[:, :, :3] - 255) * alpha / 255
        pixels = decode_image(encode(image, ImageFormat.PNG, compress_level=1)).pixels
        assert np.abs(pixels - expected).max() <= 1


class TestOrientation:
    @pytest.mark.parametrize("kind", [ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP])
    @pytest.mark.parametrize("orientation", UPRIGHT_CORNERS)
    def test_exif_orientation_is_applied(self, kind: ImageFormat, orientation: int) -> None:
        decoded = decode_image(encode(four_corners(), kind, exif=tagged(orientation)))
        assert corners_of(decoded.pixels) == UPRIGHT_CORNERS[orientation]
        assert (decoded.width, decoded.height) == ((128, 96) if orientation < 5 else (96, 128))
        assert decoded.pixels.shape == (decoded.height, decoded.width, 3)
        assert decoded.pixels.flags.c_contiguous

    @pytest.mark.parametrize("orientation", UPRIGHT_CORNERS)
    def test_avif_is_turned_once(self, orientation: int) -> None:
        decoded = decode_image(encode(four_corners(), ImageFormat.AVIF, exif=tagged(orientation)))
        assert corners_of(decoded.pixels) == UPRIGHT_CORNERS[orientation]
        assert (decoded.width, decoded.height) == ((128, 96) if orientation < 5 else (96, 128))

    @pytest.mark.parametrize("orientation", UPRIGHT_CORNERS)
    def test_heif_is_turned_once(self, orientation: int) -> None:
        image = four_corners()
        file = BytesIO()
        exif = tagged(orientation).tobytes()  # the encoder also writes it as irot and imir, as phones do
        pillow_heif.encode("RGB", image.size, image.tobytes(), file, exif=exif)
        assert b"irot" in file.getvalue() or b"imir" in file.getvalue() or orientation == 1
        decoded = decode_image(file.getvalue())
        assert corners_of(decoded.pixels) == UPRIGHT_CORNERS[orientation]
        assert (decoded.width, decoded.height) == ((128, 96) if orientation < 5 else (96, 128))

    @pytest.mark.parametrize("orientation", UPRIGHT_CORNERS)
    def test_orientation_holds_when_decoded_small(self, orientation: int) -> None:
        data = encode(four_corners(1280, 960), ImageFormat.JPEG, exif=tagged(orientation))
        decoded = decode_image(data, needed_side=300)
        assert corners_of(decoded.pixels) == UPRIGHT_CORNERS[orientation]
        assert decoded.pixels.shape[:2] == ((240, 320) if orientation < 5 else (320, 240))
        assert (decoded.width, decoded.height) == ((1280, 960) if orientation < 5 else (960, 1280))

    @pytest.mark.parametrize("orientation", UPRIGHT_CORNERS)
    def test_orientation_holds_across_strips(self, orientation: int) -> None:
        data = encode(four_corners(1600, 1200), ImageFormat.PNG, exif=tagged(orientation), compress_level=1)
        assert corners_of(decode_image(data).pixels) == UPRIGHT_CORNERS[orientation]

    @pytest.mark.parametrize(
        "exif",
        [
            b"Exif\0\0",
            b"Exif\0\0II*\0\xff\xff\xff\xff",
            b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" * 30,
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\xff\xff\0\0\0\0",
            tagged(9).tobytes(),
            tagged(0).tobytes(),
        ],
    )
    def test_damaged_exif_is_ignored_without_a_warning(self, exif: bytes) -> None:
        plain = encode(four_corners(), ImageFormat.JPEG)
        data = plain[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif + plain[2:]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert corners_of(decode_image(data).pixels) == "abcd"


class TestNeededSide:
    @pytest.mark.parametrize(
        ("needed", "shape"),
        [
            (None, (960, 1280)),
            (1280, (960, 1280)),
            (641, (960, 1280)),
            (640, (480, 640)),
            (260, (240, 320)),
            (160, (120, 160)),
            (9, (120, 160)),
        ],
    )
    @pytest.mark.parametrize("kind", [ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP])
    def test_smallest_sufficient_scale_is_taken(
        self, kind: ImageFormat, needed: int | None, shape: tuple[int, int]
    ) -> None:
        decoded = decode_image(encode(photo(1280, 960), kind), needed_side=needed)
        assert decoded.pixels.shape[:2] == shape
        assert (decoded.width, decoded.height) == (1280, 960)

    @settings(max_examples=150, deadline=None)
    @given(
        width=st.integers(1, 700),
        height=st.integers(1, 700),
        needed=st.integers(1, 800),
        kind=st.sampled_from([ImageFormat.JPEG, ImageFormat.PNG]),
    )
    def test_longer_side_never_falls_below_the_need(
        self, width: int, height: int, needed: int, kind: ImageFormat
    ) -> None:
        decoded = decode_image(encode(Image.new("RGB", (width, height)), kind), needed_side=needed)
        longer = max(decoded.pixels.shape)
        assert longer >= min(needed, max(width, height))

    @pytest.mark.parametrize("kind", [ImageFormat.JPEG, ImageFormat.PNG])
    def test_scaled_picture_is_the_mean_of_its_blocks(self, kind: ImageFormat) -> None:
        image = photo(640, 480)
        expected = np.asarray(image).astype(float).reshape(120, 4, 160, 4, 3).mean(axis=(1, 3))
        options = {"quality": 98, "subsampling": 0} if kind is ImageFormat.JPEG else {}
        pixels = decode_image(encode(image, kind, **options), needed_side=160).pixels
        assert np.abs(pixels - expected).mean() < 1.5


class TestRefusals:
    @pytest.mark.parametrize("kind", sorted(broken_images()))
    def test_broken_file_is_refused_with_its_reason(self, kind: str) -> None:
        broken = broken_images()[kind]
        with pytest.raises(DecodeError) as caught:
            decode_image(broken.data)
        assert (caught.value.problem, caught.value.found) == (broken.problem, broken.found)

    def test_byte_cap_holds_to_the_byte(self) -> None:
        data = encode(photo(), ImageFormat.JPEG)
        assert decode_image(data, DecodeLimits(max_bytes=len(data))).width == 96
        with pytest.raises(DecodeError) as caught:
            decode_image(data, DecodeLimits(max_bytes=len(data) - 1))
        assert caught.value.problem is DecodeProblem.TOO_MANY_BYTES
        assert caught.value.limit == len(data) - 1

    @pytest.mark.parametrize("kind", list(ImageFormat))
    def test_pixel_cap_holds_to_the_pixel(self, kind: ImageFormat) -> None:
        data = encode(photo(96, 72), kind)
        assert decode_image(data, DecodeLimits(max_pixels=96 * 72)).width == 96
        with pytest.raises(DecodeError) as caught:
            decode_image(data, DecodeLimits(max_pixels=96 * 72 - 1))
        assert caught.value.problem is DecodeProblem.TOO_MANY_PIXELS
        assert caught.value.limit == 96 * 72 - 1

    def test_pixel_cap_is_on_the_original_however_small_the_need(self) -> None:
        with pytest.raises(DecodeError) as caught:
            decode_image(encode(photo(800, 600), ImageFormat.JPEG), DecodeLimits(max_pixels=100_000), needed_side=100)
        assert caught.value.problem is DecodeProblem.TOO_MANY_PIXELS

    def test_avif_stream_larger_than_its_declared_size_is_refused(self) -> None:
        big = encode(Image.new("RGB", (1500, 1500), "green"), ImageFormat.AVIF, speed=10)
        data = replaced(big, struct.pack(">II", 1500, 1500), struct.pack(">II", 64, 64))
        with pytest.raises(DecodeError) as caught:
            decode_image(data, DecodeLimits(max_pixels=500_000))
        assert caught.value.problem is DecodeProblem.TOO_MANY_PIXELS

    def test_heif_stream_larger_than_its_declared_size_is_refused(self) -> None:
        big = encode(Image.new("RGB", (1504, 1504), "green"), ImageFormat.HEIF)
        data = replaced(big, struct.pack(">II", 1504, 1504), struct.pack(">II", 64, 64))
        with pytest.raises(DecodeError):
            decode_image(data, DecodeLimits(max_pixels=500_000))

    def test_a_small_lie_about_avif_size_is_no_crash(self) -> None:
        decoded = decode_image(iso_media_of_size(ImageFormat.AVIF, 97, 73))
        assert decoded.pixels.shape == (73, 97, 3)

    @pytest.mark.parametrize("kind", list(ImageFormat))
    def test_every_cut_of_a_file_is_refused_or_whole(self, kind: ImageFormat) -> None:
        data = encode(photo(), kind)
        for end in range(0, len(data) - 64, max(1, len(data) // 40)):
            with pytest.raises(DecodeError):
                decode_image(data[:end])

    def test_error_text_is_short_and_one_line_of_words(self) -> None:
        for broken in broken_images().values():
            with pytest.raises(DecodeError) as caught:
                decode_image(broken.data)
            assert len(caught.value.detail) <= 120


class TestAcceptedOddities:
    def test_trailing_film_of_a_motion_photo_is_ignored(self) -> None:
        film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(5000) + b"PK\x05\x06" + bytes(40)
        assert corners_of(decode_image(encode(four_corners(), ImageFormat.JPEG) + film).pixels) == "abcd"

    def test_second_picture_behind_a_phone_jpeg_is_ignored(self) -> None:
        first = four_corners()
        data = encode(first, ImageFormat.JPEG) + encode(Image.new("RGB", (640, 480)), ImageFormat.JPEG)
        decoded = decode_image(data)
        assert (decoded.width, decoded.height, decoded.notices) == (128, 96, ())

    def test_malformed_multi_picture_block_is_ignored_without_a_warning(self) -> None:
        plain = encode(four_corners(), ImageFormat.JPEG)
        block = b"MPF\0MM\0*\xff\xff\xff\xff"
        data = plain[:2] + b"\xff\xe2" + struct.pack(">H", 2 + len(block)) + block + plain[2:]
        assert corners_of(decode_image(data).pixels) == "abcd"

    def test_trailing_bytes_behind_a_png_are_ignored(self) -> None:
        assert decode_image(encode(photo(), ImageFormat.PNG) + b"vendor" * 100).width == 96

    def test_text_bomb_in_a_png_is_never_unpacked(self) -> None:
        bomb = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
        decoded = decode_image(png(2, 1, 8, GREY, b"\0\5\6", bomb, after=bomb))
        assert decoded.pixels[0].tolist() == [[5] * 3, [6] * 3]

    def test_name_plays_no_part_only_content_does(self) -> None:
        assert decode_image(encode(photo(), ImageFormat.GIF)).format is ImageFormat.GIF
        assert decode_image(encode(photo(), ImageFormat.AVIF)).format is ImageFormat.AVIF

    def test_files_that_lead_with_the_generic_brand_are_told_apart(self) -> None:
        for kind, brand in ((ImageFormat.AVIF, b"ftypavif"), (ImageFormat.HEIF, b"ftypheic")):
            data = replaced(encode(photo(), kind), brand, b"ftypmif1")
            assert decode_image(data).format is kind

    def test_extreme_but_possible_shape_is_decoded(self) -> None:
        data = encode(Image.new("RGB", (20_000, 1), (1, 2, 3)), ImageFormat.PNG)
        decoded = decode_image(data, needed_side=260)
        assert decoded.pixels.shape == (1, 2500, 3)
        assert decoded.notices == (Notice.LOW_RESOLUTION,)


class TestNotices:
    @pytest.mark.parametrize("kind", [ImageFormat.GIF, ImageFormat.PNG, ImageFormat.WEBP, ImageFormat.AVIF])
    def test_only_the_first_frame_of_an_animation_is_shown(self, kind: ImageFormat) -> None:
        frames = [Image.new("RGB", (96, 96), colour) for colour in ("red", "lime", "blue")]
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
        decoded = decode_image(data)
        assert decoded.notices == (Notice.FIRST_FRAME_ONLY,)
        assert decoded.pixels[48, 48].astype(int) == pytest.approx((255, 0, 0), abs=LOSSY)

    def test_only_the_primary_picture_of_a_heif_burst_is_shown(self) -> None:
        others = [pillow_heif.from_pillow(Image.new("RGB", (96, 96), "blue"))[0] for _ in range(3)]
        data = encode(Image.new("RGB", (96, 96), "red"), ImageFormat.HEIF, save_all=True, append_images=others)
        decoded = decode_image(data)
        assert decoded.notices == (Notice.FIRST_FRAME_ONLY,)
        assert decoded.pixels[48, 48].astype(int) == pytest.approx((255, 0, 0), abs=LOSSY)

    def test_animation_cut_behind_its_first_frame_still_answers(self) -> None:
        frames = [photo().convert("P"), photo().rotate(180).convert("P")]
        data = encode(frames[0], ImageFormat.GIF, save_all=True, append_images=frames[1:])
        assert decode_image(data[:-200]).notices == (Notice.FIRST_FRAME_ONLY,)

    @pytest.mark.parametrize(("size", "notices"), [((64, 64), ()), ((640, 63), (Notice.LOW_RESOLUTION,))])
    def test_low_resolution_is_said(self, size: tuple[int, int], notices: tuple[Notice, ...]) -> None:
        assert decode_image(encode(photo(*size), ImageFormat.PNG)).notices == notices


def test_pixels_are_contiguous_and_read_only() -> None:
    for kind in ImageFormat:
        pixels = decode_image(encode(photo(), kind)).pixels
        assert pixels.dtype == np.uint8
        assert pixels.flags.c_contiguous
        assert not pixels.flags.writeable


def test_many_threads_get_what_one_gets() -> None:
    files = [encode(photo(320, 240), kind) for kind in ImageFormat] + [
        broken.data for broken in broken_images().values() if len(broken.data) < 100_000
    ]

    def outcome(data: bytes) -> object:
        try:
            return decode_image(data, needed_side=100).pixels.tobytes()
        except DecodeError as error:
            return error.problem

    alone = [outcome(data) for data in files]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(outcome, files * 4)) == alone * 4
