"""How good a generator is, by networks that its discriminator never saw, beside real photos of the same size."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from inference.classifier import Classifier
from inference.generation import PictureGenerator
from inference.labels import LABELS
from training.gan.distances import diversity, kernel_distance
from training.gan.features import MEASURING, PictureFeatures
from training.gan.neighbours import Memory, manifold, memory
from training.gan.pictures import Pictures

_SEED: Final = 1_000_000
_SHOWN_PAIRS: Final = 24


@dataclass(frozen=True, slots=True)
class RealPictures:
    """What a generator is compared with: the pictures that it learned from, and others that it never saw."""

    train: Pictures
    held_out: Pictures


@dataclass(frozen=True, slots=True)
class GeneratorFigures:
    """The figures by name, and what they were made from.

    Attributes:
        figures: shares in [0, 1] but for ``kid``, ``density`` and counts.
        made: the pictures, (N, 3, S, S) uint8.
        memory: their nearest training pictures.

    """

    figures: dict[str, float]
    made: Tensor
    memory: Memory


def evaluate_generator(
    generator: PictureGenerator,
    real: RealPictures,
    classifier: Classifier,
    features: PictureFeatures,
    *,
    per_label: int,
    report: Callable[[str], None],
) -> GeneratorFigures:
    """Make ``per_label`` pictures of each label as serving does, and measure them.

    Labels are recognised by a linear classifier on EfficientNet-Lite1 features of the training photos: neither the
    discriminator nor the choice among candidates knows it. ``classifier``, which makes that choice, is asked as well,
    and sees more in what it chose. FD-DINOv2, which Stein et al. 2023 advise instead of FID, needs weights that no
    package carries; KID on features of EfficientNet-Lite1 stands in.
    """
    report(f"making {per_label} pictures of each label, {generator.candidates} candidates each")
    made, labels = _made(generator, per_label)
    report(f"features of {len(made)} made, {len(real.held_out.labels)} held-out and {len(real.train.labels)} real ones")
    made_features, mirrored = features.of(made), features.of(made.flip(3))
    held_out, train = features.of(real.held_out.pixels), features.of(real.train.pixels)
    truth = real.held_out.labels
    probe = _probe(train, real.train.labels)
    recognised = _by_label(probe.predict(made_features.numpy()) == labels.numpy(), labels)
    recognised_real = _by_label(probe.predict(held_out.numpy()) == truth.numpy(), truth)
    learned = _probe(made_features, labels).predict(held_out.numpy()) == truth.numpy()
    varied, varied_real = diversity(made_features, labels), diversity(held_out, real.held_out.labels)
    around = manifold(held_out, made_features)
    copied = memory(train, held_out, made_features, mirrored)
    figures = {
        "recognised": _mean_of(recognised),
        "recognised_real": _mean_of(recognised_real),
        "recognised_least": min(recognised.values()),
        "recognised_by_product": _mean_of(_by_label(_seen_as(classifier, made, labels), labels)),
        "diversity_ratio": float(np.mean([varied[label] / varied_real[label] for label in varied_real])),
        "kid": kernel_distance(held_out, made_features),
        "kid_real": kernel_distance(held_out, train[:: max(1, len(train) // len(held_out))]),
        "precision": around.precision,
        "recall": around.recall,
        "density": around.density,
        "coverage": around.coverage,
        "classification_accuracy_score": _mean_of(_by_label(learned, truth)),
        "authentic": copied.authentic,
        "copies": float(copied.copies),
        "pictures": float(len(made)),
        **{f"recognised_{LABELS[label]}": value for label, value in recognised.items()},
        **{f"recognised_real_{LABELS[label]}": value for label, value in recognised_real.items()},
    }
    return GeneratorFigures(figures, made, copied)


def contact_sheet(generator: PictureGenerator, columns: int) -> Image.Image:
    """A row of pictures for each label, as serving makes them."""
    made, _ = _made(generator, columns)
    side = made.shape[2]
    rows = made.permute(0, 2, 3, 1).numpy().reshape(len(LABELS), columns, side, side, 3)
    return Image.fromarray(np.ascontiguousarray(rows.transpose(0, 2, 1, 3, 4)).reshape(len(LABELS) * side, -1, 3))


def closest_pairs(found: GeneratorFigures, train: Pictures) -> Image.Image:
    """The made pictures that are nearest to a training picture, each beside it, the nearest first."""
    order = found.memory.distance.argsort()[:_SHOWN_PAIRS]
    pairs = [torch.cat([found.made[place], train.pixels[found.memory.nearest[place]]], dim=2) for place in order]
    rows = [torch.cat(pairs[start : start + 4], dim=2) for start in range(0, len(pairs) - len(pairs) % 4, 4)]
    return Image.fromarray(torch.cat(rows, dim=1).permute(1, 2, 0).contiguous().numpy())


def save_sheet(image: Image.Image, file: Path) -> None:
    """Write a JPEG, small enough for a repository."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file, "JPEG", quality=88, optimize=True)


def _made(generator: PictureGenerator, per_label: int) -> tuple[Tensor, Tensor]:
    pictures: list[NDArray[np.uint8]] = []
    for label in LABELS:
        for start in range(0, per_label, 10):
            count = min(10, per_label - start)
            pictures += [each.pixels for each in generator.generate(label, count, _SEED + start)]
    pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
    return pixels, torch.arange(len(LABELS)).repeat_interleave(per_label)


def _seen_as(classifier: Classifier, pixels: Tensor, labels: Tensor) -> NDArray[np.bool_]:
    """(N,) whether the product's classifier gives each picture its label."""
    squares = [classifier.prepare(np.ascontiguousarray(each)) for each in pixels.permute(0, 2, 3, 1).numpy()]
    said = [int(classifier.backend.logits(each[None]).label_logits[0].argmax()) for each in squares]
    right: NDArray[np.bool_] = np.asarray(said) == labels.numpy()
    return right


def _by_label(right: NDArray[np.bool_], labels: Tensor) -> dict[int, float]:
    """Label -> share of its pictures that are right."""
    known = labels.numpy()
    return {label: float(right[known == label].mean()) for label in range(len(LABELS)) if (known == label).any()}


def _mean_of(shares: dict[int, float]) -> float:
    return float(np.mean(list(shares.values())))


def _probe(features: Tensor, labels: Tensor) -> LogisticRegression:
    """A linear classifier to which each label counts alike.

    Made pictures as its lesson and real ones as its test give the classification accuracy score (Ravuri & Vinyals
    2019).
    """
    return LogisticRegression(max_iter=300, C=0.01, class_weight="balanced").fit(features.numpy(), labels.numpy())


__all__ = [
    "MEASURING",
    "GeneratorFigures",
    "RealPictures",
    "closest_pairs",
    "contact_sheet",
    "evaluate_generator",
    "save_sheet",
]
