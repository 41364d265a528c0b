import io
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from inference.classifier import open_classifier
from inference.decode import DecodeLimits

ALLOWED_GROWTH = 12_000_000
"""Bytes; one decoded photo of this test has 3.7 MB, so holding on to one photo in ten would show."""


def photo(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((1280, 960)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def test_memory_stays_flat_over_hundreds_of_photos(tiny_weights: Path) -> None:
    classifier = open_classifier(tiny_weights, backend="openvino", limits=DecodeLimits())
    photos = [photo(seed) for seed in range(4)]
    process = psutil.Process()

    def classify_all(times: int) -> None:
        for turn in range(times):
            classifier.classify(photos[turn % len(photos)])

    classify_all(40)  # allocators and caches reach their size
    before = process.memory_info().rss
    classify_all(160)
    assert process.memory_info().rss - before < ALLOWED_GROWTH
    classifier.close()
