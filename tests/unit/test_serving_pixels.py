"""What a packed network is calibrated on is what serving shows it."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.classifier import Classifier, open_classifier
from inference.decode import DecodeLimits
from inference.preprocess import Fit
from training.classifier_recipe import load_classifier_recipe
from training.photo import Photo


@pytest.mark.parametrize("fit", list(Fit))
def test_packing_sees_the_very_pixels_of_serving(tiny_weights: Path, tmp_path: Path, fit: Fit) -> None:
    pack = pytest.importorskip("training.pack")
    opened = open_classifier(tiny_weights, backend="openvino", limits=DecodeLimits())
    classifier = Classifier(opened.backend, opened.manifest.model_copy(update={"fit": fit}), opened.limits)
    side = classifier.manifest.input_side
    # Wide enough to be decoded at a fraction, and more so for padding than for cropping.
    pixels = np.random.default_rng(0).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((8 * side, 4 * side + 40)).save(file, "JPEG")
    (tmp_path / "wide.jpg").write_bytes(file.getvalue())

    recipe = load_classifier_recipe("resnet18").model_copy(update={"side": side, "fit": fit})
    packed = pack.serving_pixels(tmp_path, Photo("wide.jpg", ("metal",), "test"), recipe)
    np.testing.assert_array_equal(packed, classifier.prepare(classifier.decode(file.getvalue()).pixels))
    classifier.close()
