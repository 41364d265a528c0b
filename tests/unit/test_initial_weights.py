from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression

from inference.architectures import WasteClassifier, build_classifier
from inference.labels import LABELS
from inference.preprocess import Fit
from tests.tiny_photos import Pixels, write_photo
from training.data_recipe import DataError
from training.initial_weights import starting_network
from training.photo import NONWASTE, Photo
from training.pixel_cache import PhotoFiles
from training.probe import features_of, fit_heads


def _ball(x: int, size: int) -> Pixels:
    """An orange ball on a table."""
    image = Image.new("RGB", (160, 160), (150, 130, 110))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 110, 160, 160), fill=(90, 70, 50))
    for ring in range(size, 0, -2):
        light = 1 - ring / (2 * size)
        colour = (int(255 * light), int(140 * light), 20)
        draw.ellipse((x - ring, 90 - ring, x + ring, 90 + ring), fill=colour)
    return np.array(image)


def _writing(x: int, size: int) -> Pixels:
    """A page with lines on it."""
    image = Image.new("RGB", (160, 160), (60, 60, 70))
    draw = ImageDraw.Draw(image)
    draw.rectangle((x - size, 10, x + size, 150), fill=(240, 240, 235))
    for line in range(20, 145, 10):
        for word in range(x - size + 6, x + size - 14, 16):
            draw.rectangle((word, line, word + 11, line + 3), fill=(30, 30, 30))
    return np.array(image)


def test_the_packaged_weights_know_a_thing_again(tmp_path: Path) -> None:
    pictures = {
        "ball.png": _ball(70, 40),
        "ball-again.png": _ball(95, 48),
        "page.png": _writing(80, 50),
        "page-again.png": _writing(70, 60),
    }
    for name, pixels in pictures.items():
        write_photo(tmp_path, name, pixels)
    photos = [Photo(name, ("metal",), "s") for name in pictures]
    network = starting_network("efficientnet_lite0", "package")
    features = features_of(network, photos, PhotoFiles(tmp_path), 160, Fit.PAD, "cpu")
    assert features.shape == (4, 1280)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosine = unit @ unit.T
    assert min(cosine[0, 1], cosine[2, 3]) > cosine[:2, 2:].max() + 0.2


@pytest.mark.parametrize("architecture", ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"])
def test_every_package_fits_its_network(architecture: str) -> None:
    loaded = starting_network(architecture, "package").state_dict()
    again = starting_network(architecture, "package").state_dict()
    random = build_classifier(architecture).state_dict()
    for name, value in loaded.items():
        if name.startswith("backbone.") and value.is_floating_point():
            assert torch.equal(value, again[name]), name
            assert not torch.equal(value, random[name]), name


@pytest.mark.parametrize(
    ("architecture", "init", "said"),
    [
        ("resnet50", "package", "no package holds ImageNet weights of resnet50"),
        ("efficientnet_lite0", "imagenet", "use init: package"),
        ("resnet18", "nonsense", "unknown init 'nonsense'"),
        ("resnet18", "run:nowhere", "nowhere.model.safetensors is missing"),
    ],
)
def test_a_start_that_does_not_exist_is_refused(architecture: str, init: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        starting_network(architecture, init)


def test_the_weights_of_a_run_are_taken_over_whatever_their_precision(tmp_path: Path) -> None:
    network = build_classifier("resnet18")
    halves = {k: v.half().contiguous() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    save_file(halves, tmp_path / "model.safetensors")
    loaded = starting_network("resnet18", f"run:{tmp_path}")
    for name, value in loaded.state_dict().items():
        assert value.dtype == network.state_dict()[name].dtype
        torch.testing.assert_close(value, network.state_dict()[name], rtol=1e-3, atol=1e-5)


def test_the_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    save_file(WasteClassifier("resnet18").state_dict(), tmp_path / "model.safetensors")
    with pytest.raises(DataError, match="another architecture than resnet50"):
        starting_network("resnet50", f"run:{tmp_path}")


def _photos_and_features(
    *labels: str,
) -> tuple[list[Photo], np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    """Thirty photos a label, their features in a cloud of its own."""
    rng = np.random.default_rng(0)
    photos, rows = [], []
    for place, label in enumerate(labels):
        centre = 5 * np.eye(512)[place * 3] + 2
        for number in range(30):
            photos.append(Photo(f"{label}/{number}", tuple(label.split("|")), "s"))
            rows.append(centre + rng.normal(0, 1, 512))
    return photos, np.array(rows, dtype=np.float32)


@pytest.mark.parametrize(
    "labels",
    [("metal", "paper", "shoes", NONWASTE), ("metal", "paper", NONWASTE), ("metal", "paper", "metal|paper")],
)
def test_the_probe_sets_heads_that_know_the_photos(labels: tuple[str, ...]) -> None:
    photos, features = _photos_and_features(*labels)
    network = build_classifier("resnet18")
    with torch.no_grad():  # labels without photos must not win by chance
        network.label_head.weight.zero_()
        network.label_head.bias.fill_(-20)
    fit_heads(network, photos, features)
    label_logits, waste_logits = network.heads(torch.from_numpy(features))
    answers = [str(LABELS[column]) for column in label_logits.argmax(dim=1)]
    right = [
        answer == p.labels[0] for answer, p in zip(answers, photos, strict=True) if len(p.labels) == 1 and p.is_waste
    ]
    assert np.mean(right) > 0.95
    if NONWASTE in labels:
        is_waste = np.array([photo.is_waste for photo in photos])
        assert ((waste_logits > 0).numpy() == is_waste).mean() > 0.95


def test_the_heads_give_the_probabilities_of_the_regression() -> None:
    photos, features = _photos_and_features("metal", "paper", "shoes")
    network = build_classifier("resnet18")
    fit_heads(network, photos, features, strength=0.02)
    scaled = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    columns = np.array([[str(label) for label in LABELS].index(p.labels[0]) for p in photos])
    model = LogisticRegression(C=0.02, max_iter=300, class_weight="balanced").fit(scaled, columns)
    logits = network.heads(torch.from_numpy(features))[0][:, model.classes_]
    torch.testing.assert_close(
        logits.softmax(dim=1), torch.from_numpy(model.predict_proba(scaled)).float(), rtol=1e-3, atol=1e-4
    )


def test_a_probe_of_one_label_is_refused() -> None:
    photos, features = _photos_and_features("metal")
    with pytest.raises(DataError, match="two labels"):
        fit_heads(build_classifier("resnet18"), photos, features)
