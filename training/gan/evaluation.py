"""How good a generator is, by networks that its discriminator never saw, beside real photos of the same size."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from inference.classifier import Classifier
from inference.generation import PictureGenerator
from inference.labels import LABELS
from training.gan.distances import diversity, kernel_distance
from training.gan.features import PictureFeatures
from training.gan.linear_probe import accuracy_score, probe
from training.gan.neighbours import Memory, manifold, memory
from training.gan.pictures import Pictures, RealPictures
from training.gan.vanilla_run import vanilla_pictures

_SEED: Final = 1_000_000
_SHOWN_PAIRS: Final = 24


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


class GeneratorEvaluation:
    """Measures pictures, whoever made them, beside the same real ones.

    Labels are recognised by a linear classifier on EfficientNet-Lite1 features of the training photos: neither the
    discriminator nor the choice among candidates knows it. The product's classifiers are asked as well; the one that
    makes that choice sees more in what it chose. FD-DINOv2, which Stein et al. 2023 advise instead of FID, needs
    weights that no package carries; KID on features of EfficientNet-Lite1 and Lite2 stands in.
    """

    def __init__(
        self,
        real: RealPictures,
        classifiers: Mapping[str, Classifier],
        features: PictureFeatures,
        second: PictureFeatures,
    ) -> None:
        """Look at the real pictures, which takes minutes; ``classifiers`` by the names of their figures."""
        self._real, self._classifiers, self._features, self._second = real, classifiers, features, second
        self._train, self._held_out = features.of(real.train.pixels), features.of(real.held_out.pixels)
        self._held_out_second = second.of(real.held_out.pixels)
        self._probe = probe(self._train, real.train.labels)

    def of(self, made: Tensor, labels: Tensor) -> GeneratorFigures:
        """Measure (N, 3, S, S) uint8 pictures that should show (N,) labels."""
        train, held_out, truth = self._train, self._held_out, self._real.held_out.labels
        features, mirrored = self._features.of(made), self._features.of(made.flip(3))
        recognised = _by_label(self._probe.predict(features.numpy()) == labels.numpy(), labels)
        recognised_real = _by_label(self._probe.predict(held_out.numpy()) == truth.numpy(), truth)
        varied, varied_real = diversity(features, labels), diversity(held_out, truth)
        around = manifold(held_out, features)
        copied = memory(train, held_out, features, mirrored)
        figures = {
            "recognised": _mean_of(recognised),
            "recognised_real": _mean_of(recognised_real),
            "recognised_least": min(recognised.values()),
            "diversity_ratio": float(np.mean([varied[label] / varied_real[label] for label in varied_real])),
            "kid": kernel_distance(held_out, features),
            "kid_real": kernel_distance(held_out, train[:: max(1, len(train) // len(held_out))]),
            "kid_second": kernel_distance(self._held_out_second, self._second.of(made)),
            "precision": around.precision,
            "recall": around.recall,
            "density": around.density,
            "coverage": around.coverage,
            "classification_accuracy_score": accuracy_score(features, labels, held_out, truth),
            "authentic": copied.authentic,
            "copies": float(copied.copies),
            "pictures": float(len(made)),
            **{
                f"recognised_by_{name}": _mean_of(_by_label(_seen_as(classifier, made, labels), labels))
                for name, classifier in self._classifiers.items()
            },
            **{f"recognised_{LABELS[label]}": value for label, value in recognised.items()},
            **{f"recognised_real_{LABELS[label]}": value for label, value in recognised_real.items()},
        }
        return GeneratorFigures(figures, made, copied)


def contact_sheet(made: Tensor, columns: int) -> Image.Image:
    """The first pictures of each label in a row of its own; ``made`` holds as many of each, label by label."""
    side = made.shape[2]
    shown = made.reshape(len(LABELS), -1, *made.shape[1:])[:, :columns]
    rows = shown.permute(0, 1, 3, 4, 2).numpy()
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


def served_pictures(generator: PictureGenerator, per_label: int) -> tuple[Tensor, Tensor]:
    """So many pictures of each label as serving makes them: (N, 3, S, S) uint8 and (N,)."""
    pictures: list[NDArray[np.uint8]] = []
    for label in LABELS:
        for start in range(0, per_label, 10):
            count = min(10, per_label - start)
            pictures += [each.pixels for each in generator.generate(label, count, _SEED + start)]
    pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
    return pixels, torch.arange(len(LABELS)).repeat_interleave(per_label)


def baseline_pictures(run: Path, per_label: int) -> tuple[Tensor, Tensor]:
    """The same by a run of the baseline.

    Raises:
        DataError: it was not trained to its end.

    """
    made = torch.cat([vanilla_pictures(run, label, per_label, _SEED) for label in LABELS])
    pixels = ((made.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
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
