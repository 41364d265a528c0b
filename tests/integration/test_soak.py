"""Photos and pictures mixed for long: everything is answered, and memory stays where it was.

``BUNRI_SOAK`` is how many of each; the suite takes few of them. ``-o junit_family=xunit1 --junitxml FILE`` writes down
by how much it grew.
"""

import asyncio
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil
from PIL import Image

from bunri.settings import InferenceSettings
from bunri.wiring import open_local_inference
from inference.engine import LocalInference
from inference.labels import LABELS
from tests.generator_fixture import generating_weights, packed_generator
from tests.tiny_photos import scene

__all__ = ["generating_weights", "packed_generator"]

OF_EACH: Final = int(os.environ.get("BUNRI_SOAK", "150"))
AT_A_TIME: Final = 4
MOST_GROWTH: Final = 25_000_000
"""Bytes that the allocator may hold on to, however many requests there were."""


async def test_memory_stays_flat_under_photos_and_pictures(
    generating_weights: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = InferenceSettings(weights=generating_weights, backend="openvino", candidates=2)
    inference = await open_local_inference(settings)
    photo = io.BytesIO()
    Image.fromarray(scene(1)).save(photo, "JPEG")
    process = psutil.Process()
    await _mixed(inference, photo.getvalue(), 40)
    before = process.memory_info().rss
    answered, made = await _mixed(inference, photo.getvalue(), OF_EACH)
    grown = process.memory_info().rss - before
    record_property("bytes_before", before)
    record_property("bytes_grown", grown)
    await inference.close()
    assert (answered, made) == (OF_EACH, OF_EACH)
    assert grown < MOST_GROWTH


async def _mixed(inference: LocalInference, photo: bytes, of_each: int) -> tuple[int, int]:
    slots = asyncio.Semaphore(AT_A_TIME)

    async def picture(seed: int) -> int:
        async with slots:
            return len(await inference.generate(LABELS[seed % len(LABELS)], 1, seed))

    async def answer() -> int:
        await inference.classify(photo)
        return 1

    async def answers() -> int:
        return sum([await answer() for _ in range(of_each)])

    pictures = asyncio.gather(*(picture(seed) for seed in range(of_each)))
    return await answers(), sum(await pictures)
