"""The figures at a run's checkpoints: those of the last evaluation, on few pictures, in seconds."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.classifier import Classifier
from inference.generator_network import Generator
from inference.labels import LABELS
from training.gan.distances import diversity, kernel_distance
from training.gan.features import PictureFeatures
from training.gan.latents import drawn_latents
from training.gan.linear_probe import accuracy_score
from training.gan.neighbours import manifold, memory
from training.gan.pictures import RealPictures

_BATCH: Final = 40


class CheckpointScore:
    """Recognisability, diversity and KID of a generator, against real pictures that it was not trained on.

    ``score`` is recognisability x diversity (both as shares of what real pictures reach, at most 1) / (1 + 5 KID).
    Each alone can be had cheaply: one good picture a label is recognised, and noise is diverse.
    """

    def __init__(
        self, reals: RealPictures, classifier: Classifier, features: PictureFeatures, *, per_label: int = 40
    ) -> None:
        """Look at the real pictures once; ``classifier`` is one whose network the discriminator does not hold."""
        self._classifier, self._features, self._per_label = classifier, features, per_label
        real = reals.held_out
        self._truth = real.labels
        self._train, self._real = features.of(reals.train.pixels), features.of(real.pixels)
        self._real_diversity = diversity(self._real, real.labels)
        self._real_recognised = float(np.mean(self._recognised(real.pixels, real.labels)))

    def __call__(self, generator: Generator, strength: float, /) -> Mapping[str, float]:
        """See ``training.gan.run.Score``."""
        pictures, labels = made_by(generator, self._per_label, strength)
        recognised = self._recognised(pictures, labels)
        by_label = [float(recognised[(labels == label).numpy()].mean()) for label in range(len(LABELS))]
        features = self._features.of(pictures)
        varied = diversity(features, labels)
        ratio = float(np.mean([varied[label] / real for label, real in self._real_diversity.items()]))
        distance = kernel_distance(self._real, features)
        recognisable = float(np.mean(by_label))
        around = manifold(self._real, features)
        copied = memory(self._train, self._real, features, self._features.of(pictures.flip(3)))
        score = min(1.0, recognisable / self._real_recognised) * min(1.0, ratio) / (1 + 5 * max(0.0, distance))
        return {
            "score": score,
            "recognised": recognisable,
            "recognised_real": self._real_recognised,
            "diversity_ratio": ratio,
            "kid": distance,
            "precision": around.precision,
            "recall": around.recall,
            "density": around.density,
            "coverage": around.coverage,
            "classification_accuracy_score": accuracy_score(features, labels, self._real, self._truth),
            "authentic": copied.authentic,
            "copies": float(copied.copies),
            **{f"recognised_{name}": value for name, value in zip(LABELS, by_label, strict=True)},
        }

    def _recognised(self, pictures: Tensor, labels: Tensor) -> NDArray[np.bool_]:
        classifier = self._classifier
        squares = [classifier.prepare(np.ascontiguousarray(each)) for each in pictures.permute(0, 2, 3, 1).numpy()]
        said = [int(classifier.backend.logits(each[None]).label_logits[0].argmax()) for each in squares]
        right: NDArray[np.bool_] = np.asarray(said) == labels.numpy()
        return right


@torch.inference_mode()
def made_by(generator: Generator, per_label: int, strength: float = 1.0, seed: int = 2) -> tuple[Tensor, Tensor]:
    """So many pictures of each label: (N, 3, side, side) uint8 and (N,)."""
    source = torch.Generator().manual_seed(seed)
    labels = torch.arange(len(LABELS)).repeat_interleave(per_label)
    pictures = []
    for batch in torch.split(labels, _BATCH):
        made = generator(drawn_latents(len(batch), source), batch, strength)
        pictures.append(((made.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8))
    return torch.cat(pictures), labels
