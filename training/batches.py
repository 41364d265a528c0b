"""Batches for training: which photos, how often, seen how."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from inference.labels import LABELS
from training.augment import augment
from training.classifier_recipe import ClassifierRecipe
from training.photo import Photo
from training.pixel_cache import PixelCache

_COLUMN = {str(label): column for column, label in enumerate(LABELS)}


def label_mask(photo: Photo) -> NDArray[np.bool_]:
    """(12,) bool: the labels a photo may have; all False when it shows no waste."""
    mask = np.zeros(len(LABELS), dtype=bool)
    if photo.is_waste:
        mask[[_COLUMN[label] for label in photo.labels]] = True
    return mask


def sampling_weights(photos: Sequence[Photo], recipe: ClassifierRecipe) -> NDArray[np.float64]:
    """How often each photo is drawn: rare labels oftener, doubtful sources seldomer, non-waste at its share.

    Returns:
        (N,) probabilities that sum to 1.

    """
    counts = Counter(photo.labels for photo in photos)
    weights = np.array([counts[p.labels] ** -recipe.balance * recipe.source_weights.get(p.source, 1.0) for p in photos])
    # A set of labels ("some glass") must not crowd out the photos whose label is sure.
    weights *= np.array([len(p.labels) ** -0.5 for p in photos])
    waste = np.array([p.is_waste for p in photos])
    for chosen, share in ((waste, 1 - recipe.nonwaste_share), (~waste, recipe.nonwaste_share)):
        if chosen.any():
            weights[chosen] *= share / weights[chosen].sum()
    return np.asarray(weights / weights.sum())


class _StepSampler(Sampler[tuple[int, int]]):
    """Draws (step-unique seed, photo index) pairs; resuming at a step draws what would have come then."""

    def __init__(self, weights: NDArray[np.float64], batch: int, start: int, stop: int, seed: int) -> None:
        self._weights, self._batch, self._start, self._stop, self._seed = weights, batch, start, stop, seed

    def __len__(self) -> int:
        return (self._stop - self._start) * self._batch

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for step in range(self._start, self._stop):
            rng = np.random.default_rng((self._seed, step))
            for slot, index in enumerate(rng.choice(len(self._weights), self._batch, p=self._weights)):
                yield step * self._batch + slot, int(index)


class _AugmentedPhotos(Dataset[tuple[Tensor, Tensor]]):
    def __init__(self, photos: Sequence[Photo], cache: PixelCache, recipe: ClassifierRecipe) -> None:
        self._photos, self._cache, self._recipe = photos, cache, recipe
        self._backgrounds = [cache[p.path] for p in photos if not p.is_waste]

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Tensor]:
        draw, index = key
        photo, recipe = self._photos[index], self._recipe
        rng = np.random.default_rng((recipe.seed, 1, draw))
        # Pasting onto the non-waste pictures themselves would teach that they are waste.
        how = recipe.augmentation if photo.is_waste else recipe.augmentation.model_copy(update={"p_background": 0.0})
        view = augment(self._cache[photo.path], recipe.side, how, self._backgrounds, rng, recipe.fit)
        return torch.from_numpy(view), torch.from_numpy(label_mask(photo))


@dataclass(frozen=True, slots=True)
class TrainingBatches:
    """An endless, resumable stream of augmented batches.

    ``steps(a, b)`` yields (pixels (B, side, side, 3) uint8, masks (B, 12) bool) for the steps a..b-1.
    """

    photos: Sequence[Photo]
    cache: PixelCache
    recipe: ClassifierRecipe
    workers: int

    @property
    def steps_per_epoch(self) -> int:
        return max(1, len(self.photos) // self.recipe.batch)

    def steps(self, start: int, stop: int) -> Iterator[tuple[Tensor, Tensor]]:
        weights = sampling_weights(self.photos, self.recipe)
        loader: DataLoader[tuple[Tensor, Tensor]] = DataLoader(
            _AugmentedPhotos(self.photos, self.cache, self.recipe),
            batch_size=self.recipe.batch,
            sampler=_StepSampler(weights, self.recipe.batch, start, stop, self.recipe.seed),
            num_workers=self.workers,
            persistent_workers=False,
        )
        yield from loader
