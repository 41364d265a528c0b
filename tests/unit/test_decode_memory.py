"""decode_image never takes more memory than its documented bound, whatever the file claims."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.decode import BYTES_PER_PIXEL
from inference.image_format import ImageFormat
from tests.broken_images import broken_images, encode, iso_media_of_size, png, png_chunk, replaced

PROJECT = Path(__file__).parents[2]
SIDE = 1500
MAX_PIXELS = SIDE * SIDE
# Decoder threads, tables and the copies of the file itself, which do not grow with the picture.
OVERHEAD = 24_000_000

# Runs in a fresh process: the peak of this one would be that of every test before.
CHILD = """
import json, pathlib, sys
from inference.decode import DecodeError, DecodeLimits, decode_image

def memory(field):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024

limits = DecodeLimits(max_pixels=int(sys.argv[1]))
for name in sys.argv[2:]:
    data = pathlib.Path(name).read_bytes()
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak restarts from here
    before = memory("VmRSS")
    try:
        outcome = list(decode_image(data, limits).pixels.shape)
    except DecodeError as error:
        outcome = error.problem.value
    print(json.dumps([pathlib.Path(name).name, memory("VmHWM") - before, outcome]))
"""


def largest_accepted() -> dict[str, bytes]:
    """Honest pictures of the largest allowed size, in the costliest variant of each format."""
    rng = np.random.default_rng(3)
    coarse = Image.fromarray(rng.integers(0, 255, (20, 20, 4), dtype=np.uint8), "RGBA")
    clear = coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    plain = clear.convert("RGB")
    return {
        "jpeg_progressive": encode(plain, ImageFormat.JPEG, progressive=True, subsampling=0),
        "jpeg_cmyk": encode(plain.convert("CMYK"), ImageFormat.JPEG, progressive=True),
        "png_alpha": encode(clear, ImageFormat.PNG, compress_level=1),
        "gif": encode(plain.quantize(32), ImageFormat.GIF),
        "webp_alpha": encode(clear, ImageFormat.WEBP, method=0, quality=20),
        "webp_lossless": encode(plain, ImageFormat.WEBP, method=0, quality=0, lossless=True),
        "avif_alpha": encode(clear, ImageFormat.AVIF, speed=10, quality=20, subsampling="4:4:4"),
        "heif_alpha": encode(clear, ImageFormat.HEIF, quality=10, chroma=444),
    }


def bombs() -> dict[str, bytes]:
    """Small files that would unfold far beyond the limit, and headers that hide it."""
    large = Image.new("RGB", (3000, 3000), "green")
    size, lie = struct.pack(">II", 3000, 3000), struct.pack(">II", 64, 64)
    text = png_chunk(b"iCCP", b"x\0\0" + b"\0" * 1000)
    hidden = {
        kind: replaced(encode(large, kind, quality=10), size, lie) for kind in (ImageFormat.AVIF, ImageFormat.HEIF)
    }
    return {
        "png_50k": png(50_000, 50_000, 8, 2, bytes(1_000_000), text),
        "webp_16k": encode(large, ImageFormat.WEBP, method=0),
        "gif_large_frame_on_small_screen": _gif_with_a_large_frame(),
        "avif_large_in_small": hidden[ImageFormat.AVIF],
        "heif_large_in_small": hidden[ImageFormat.HEIF],
        "avif_60k": iso_media_of_size(ImageFormat.AVIF, 60_000, 60_000),
        "heif_60k": iso_media_of_size(ImageFormat.HEIF, 60_000, 60_000),
        **{name: broken.data for name, broken in broken_images().items()},
    }


def _gif_with_a_large_frame() -> bytes:
    data = encode(Image.new("P", (64, 64)), ImageFormat.GIF)
    frame = data.index(b"\x2c" + bytes(4)) + 5
    return data[:frame] + struct.pack("<HH", 60_000, 60_000) + data[frame + 4 :]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux to measure peak memory")
def test_peak_memory_stays_under_the_documented_bound(tmp_path: Path) -> None:
    accepted, refused = largest_accepted(), bombs()
    names = []
    for name, data in (accepted | refused).items():
        (tmp_path / name).write_bytes(data)
        names.append(str(tmp_path / name))
    warm_up = names[:8]  # first use of each decoder loads its tables
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(MAX_PIXELS), *warm_up, *names],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert child.stderr == ""
    results = [json.loads(line) for line in child.stdout.splitlines()][len(warm_up) :]
    assert len(results) == len(names)
    for name, grown, outcome in results:
        if name in accepted:
            assert outcome == [SIDE, SIDE, 3], name
            assert grown <= BYTES_PER_PIXEL * MAX_PIXELS + OVERHEAD, name
        else:
            assert isinstance(outcome, str), name
            assert grown <= OVERHEAD, name
