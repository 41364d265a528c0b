"""From a recipe and the places of things to a run under way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inference.classifier import open_classifier
from inference.decode import DecodeLimits
from training.gan.checkpoint_score import CheckpointScore
from training.gan.features import PictureFeatures
from training.gan.pictures import PictureChoice, Pictures, RealPictures, pictures_of, usable
from training.gan.recipe import GanRecipe
from training.gan.run import GanRunSettings, train_gan
from training.gan.vanilla_recipe import VanillaRecipe
from training.gan.vanilla_run import VanillaRunSettings, train_vanilla
from training.photo import Photo
from training.pixel_cache import open_pixel_cache
from training.split import Part, read_split

_CACHED_SIDE: Final = 288
"""The classifiers' cache has the same pixels."""


@dataclass(frozen=True, slots=True)
class GanPlaces:
    """Where things are: the photos, their split, the cache of pixels, the classifiers' weights, the run."""

    root: Path
    split: Path
    cache: Path
    weights: Path
    run: Path


def start_gan(
    recipe: GanRecipe | VanillaRecipe,
    places: GanPlaces,
    device: str,
    *,
    measure_kimg: float,
    resume: bool,
    report: Callable[[str], None],
) -> Path:
    """Train on the split's training part, measure against its validation part; the path of what was learned.

    Raises:
        DataError: there is nothing to learn from, or a package of ImageNet weights is missing.
        WeightsError: there is no classifier to measure with.

    """
    rows = read_split(places.split)
    parts = {part: usable([row.photo for row in rows if row.part is part], recipe) for part in (Part.TRAIN, Part.VAL)}
    pictures = real_pictures(parts[Part.TRAIN], recipe, places)
    held_out = real_pictures(parts[Part.VAL], recipe, places)
    report(f"{len(pictures.labels)} pictures to learn from, {len(held_out.labels)} to measure against")
    if isinstance(recipe, VanillaRecipe):
        return train_vanilla(recipe, pictures, VanillaRunSettings(places.run, device, resume=resume, report=report))
    classifier = open_classifier(places.weights, backend="openvino", limits=DecodeLimits(), threads=1)
    try:
        score = CheckpointScore(RealPictures(pictures, held_out), classifier, PictureFeatures(device))
        settings = GanRunSettings(places.run, device, measure_kimg=measure_kimg, resume=resume, report=report)
        return train_gan(recipe, pictures, score, settings)
    finally:
        classifier.close()


def reals_of(split: Path, root: Path, cache: Path, side: int) -> RealPictures:
    """The training part and the test part of a split, cut as for training at this side.

    Raises:
        DataError: there are none.

    """
    recipe = GanRecipe.model_validate({"name": "real", "kimg": 1, "side": side})
    places = GanPlaces(root, split, cache, Path(), Path())
    rows = read_split(split)
    parts = {part: usable([row.photo for row in rows if row.part is part], recipe) for part in (Part.TRAIN, Part.TEST)}
    return RealPictures(
        real_pictures(parts[Part.TRAIN], recipe, places), real_pictures(parts[Part.TEST], recipe, places)
    )


def real_pictures(photos: Sequence[Photo], recipe: PictureChoice, places: GanPlaces) -> Pictures:
    """The pictures of these photos, through the cache of decoded pixels.

    Raises:
        DataError: there are none.

    """
    cache = open_pixel_cache(places.cache, places.root, photos, _CACHED_SIDE)
    return pictures_of([photo for photo in photos if photo.path in cache], cache, recipe)
