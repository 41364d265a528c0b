"""Which pictures a task is made of: photos or boxes on them, and the label of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.comparison.annotations import AnnotatedBox, disagreement, read_annotations
from training.comparison.crop_to_boxes import CropToBoxes
from training.comparison.labels import label_of
from training.comparison.notes import Notes
from training.comparison.recipe import TaskRecipe
from training.data_recipe import IMAGE_SUFFIXES, DataError
from training.photo import Photo


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of the task.

    Attributes:
        photo: path below the folder of the task, with forward slashes.
        label: of the picture.
        box: the part of the photo that it shows; None: all of it.

    """

    photo: str
    label: str
    box: AnnotatedBox | None = None

    @property
    def name(self) -> str:
        """Different for each sample of a task."""
        return f"{self.photo}#{self.box.entry}" if self.box else self.photo

    def as_photo(self, task: str) -> Photo:
        """As the tools for splits know it."""
        return Photo(self.name, (self.label,), task)


@dataclass(frozen=True, slots=True)
class PhotoToPrepare:
    """A photo, the pictures that are made of it, and all boxes on it."""

    path: str
    samples: tuple[Sample, ...]
    boxes: tuple[AnnotatedBox, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """Everything that a recipe finds under a data root, in the order of the paths."""

    folder: Path
    photos: tuple[PhotoToPrepare, ...]
    notes: Notes


def list_samples(root: Path, recipe: TaskRecipe) -> Listed:
    """Find the photos of a task and their labels; no photo is opened yet.

    Raises:
        DataError: no photo is there, a label is missing, or the annotations are wrong; names file and entry.

    """
    folder = root / recipe.photos.folder
    if not folder.is_dir():
        raise DataError(f"{folder}: the folder of task {recipe.name} is missing")
    found = (file for file in folder.rglob(recipe.photos.pattern) if file.suffix.lower() in IMAGE_SUFFIXES)
    paths = sorted(file.relative_to(folder).as_posix() for file in found if file.is_file())
    if not paths:
        raise DataError(f"{folder}: no photo matches {recipe.photos.pattern}")
    file = folder / recipe.photos.annotations if recipe.photos.annotations else None
    boxes = _boxes_by_photo(file, set(paths)) if file else {}
    unwritable = next((path for path in paths if not is_text(path)), None)
    if unwritable is not None:
        raise DataError(f"{folder}: the name {unwritable!a} is no UTF-8")
    crop = next((step for step in recipe.steps if isinstance(step, CropToBoxes)), None)
    of_boxes = {path: frozenset(each.label for each in own) for path, own in boxes.items()}
    try:
        labels = {path: label_of(recipe.labels, path, of_boxes) for path in _labelled(paths, recipe, crop, boxes)}
    except DataError as error:
        raise DataError(f"{folder}/{error}") from error
    photos = tuple(_with_samples(path, labels.get(path, ""), boxes.get(path, []), crop) for path in paths)
    if not any(photo.samples for photo in photos):
        raise DataError(f"{folder}: there is no box on any photo")
    odd = sorted({sample.label for photo in photos for sample in photo.samples if "|" in sample.label})
    if odd:
        raise DataError(f"{folder}: the label {odd[0]} holds a |, which split files cannot hold")
    every = [each for own in boxes.values() for each in own]
    apart = disagreement(every, labels)
    notes = Notes(
        photos=len(paths),
        boxes=len(every),
        boxes_with_another_label=apart.boxes,
        photos_with_another_label=apart.photos,
        photos_without_box=sum(not photo.samples for photo in photos),
    )
    return Listed(folder, photos, notes)


def is_text(name: str) -> bool:
    """Whether a file's name is text; Python puts bytes that are none into it as they are (PEP 383)."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _labelled(
    paths: Sequence[str], recipe: TaskRecipe, crop: CropToBoxes | None, boxes: Mapping[str, Sequence[AnnotatedBox]]
) -> list[str]:
    """The photos that need a label of their own: not those that are left out, nor those whose boxes alone have one."""
    if crop is None:
        return list(paths)
    if crop.label == "box" and recipe.labels.by == "annotations":
        return []
    return [path for path in paths if path in boxes]


def _boxes_by_photo(file: Path, paths: set[str]) -> dict[str, list[AnnotatedBox]]:
    boxes: dict[str, list[AnnotatedBox]] = defaultdict(list)
    for each in read_annotations(file):
        if each.image not in paths:
            raise DataError(f"{file}: entry {each.entry}: there is no photo {each.image}")
        boxes[each.image].append(each)
    return boxes


def _with_samples(path: str, label: str, boxes: list[AnnotatedBox], crop: CropToBoxes | None) -> PhotoToPrepare:
    whole = [Sample(path, label)] if crop is None else []
    parts = [Sample(path, box.label if crop.label == "box" else label, box) for box in boxes] if crop else []
    return PhotoToPrepare(path, (*whole, *parts), tuple(boxes))
