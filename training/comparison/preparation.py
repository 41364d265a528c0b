"""Photos -> the small pictures that networks are trained on, all in memory. Every photo is looked at before training.

The result is kept in one file, named after what it was made from; a changed photo, box or step makes another.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from inference.decode import DecodeLimits, decode_image
from inference.errors import DecodeError
from training.comparison.annotations import clipped
from training.comparison.crop_to_boxes import CropToBoxes, crop_to_box
from training.comparison.detect_and_crop_face import DetectAndCropFace, crop_face, find_face
from training.comparison.notes import Notes
from training.comparison.recipe import Step, TaskRecipe
from training.comparison.resize_keep_aspect import ResizeKeepAspect, resize_keep_aspect
from training.comparison.samples import Listed, PhotoToPrepare, Sample
from training.comparison.trial_record import made_whole
from training.data_recipe import DataError
from training.near_duplicates import mirrored_hash, perceptual_hash
from training.parallel import in_processes

_NAMED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The pictures of a task.

    Attributes:
        samples: N of them, sorted by name.
        pixels: (N, S, S, 3) uint8, RGB.
        hashes, mirrored: (N,) uint64, perceptual hashes of the pictures and of their mirror images.
        notes: what preparing them came upon.

    """

    samples: tuple[Sample, ...]
    pixels: NDArray[np.uint8]
    hashes: NDArray[np.uint64]
    mirrored: NDArray[np.uint64]
    notes: Notes


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    sample: Sample
    pixels: NDArray[np.uint8]
    hash: np.uint64
    mirrored: np.uint64


@dataclass(frozen=True, slots=True)
class _FromPhoto:
    path: str
    pictures: tuple[_Picture, ...] = ()
    clipped: int = 0
    has_face: bool = True
    problem: str = ""


def prepare(listed: Listed, recipe: TaskRecipe, cache: Path, workers: int = 0) -> Prepared:
    """Decode all photos and carry out the steps, or take the result from the cache.

    Args:
        listed: from ``list_samples``.
        recipe: whose steps are carried out.
        cache: folder for the result.
        workers: processes; 0 keeps the work here.

    Raises:
        DataError: a photo cannot be read, or a box lies outside of its photo; names file and entry.

    """
    key = _key(listed, recipe)
    file = cache / f"compare-{recipe.name}-{key}.npz"
    if not _is_whole(file):
        work = partial(_from_photo, listed.folder, recipe.photos.annotations, recipe.steps)
        made = list(in_processes(work, listed.photos, workers))
        problems = [each.problem for each in made if each.problem]
        if problems:
            more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
            raise DataError("; ".join(problems[:_NAMED]) + more)
        _write(file, made)
    return _read(file, listed, recipe)


def _is_whole(file: Path) -> bool:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return {"pixels", "hashes", "mirrored", "found"} <= set(stored)
    except (OSError, ValueError, EOFError, BadZipFile):
        return False


def _key(listed: Listed, recipe: TaskRecipe) -> str:
    steps = json.dumps([step.model_dump() for step in recipe.steps if step.step != "balance"])
    # Boxes are no photos: their file may change at the same size.
    boxes = hashlib.sha256(repr([photo.boxes for photo in listed.photos]).encode()).hexdigest()
    key = hashlib.sha256((steps + boxes).encode())
    for photo in listed.photos:
        # What cannot be read is told when it is decoded.
        with suppress(OSError):
            content = hashlib.sha256((listed.folder / photo.path).read_bytes()).hexdigest()
            key.update(f"{photo.path} {content}\n".encode())
    return key.hexdigest()[:16]


def _from_photo(folder: Path, annotations: str | None, steps: Sequence[Step], photo: PhotoToPrepare) -> _FromPhoto:
    file = folder / photo.path
    try:
        decoded = decode_image(file.read_bytes(), DecodeLimits()).pixels
        height, width = decoded.shape[:2]
        inside = {each.entry: clipped(each, width, height) for each in photo.boxes}
    except DecodeError as error:
        return _FromPhoto(photo.path, problem=f"{file}: {error.problem.value} {error.detail}".strip())
    except OSError as error:
        return _FromPhoto(photo.path, problem=f"{file}: cannot be read ({error.strerror})")
    except DataError as error:
        return _FromPhoto(photo.path, problem=f"{folder / (annotations or '')}: {error}")
    pictures, has_face = [], True
    for sample in photo.samples:
        pixels: NDArray[np.uint8] | None = decoded
        for step in steps:
            if isinstance(step, CropToBoxes) and sample.box:
                pixels = crop_to_box(decoded, inside[sample.box.entry], step.fill)
            elif isinstance(step, DetectAndCropFace) and pixels is not None:
                face = find_face(pixels, step.smallest)
                has_face = has_face and face is not None
                if face is not None:
                    pixels = crop_face(pixels, face, step.margin)
                elif step.without_face == "leave_out":
                    pixels = None
            elif isinstance(step, ResizeKeepAspect) and pixels is not None:
                pixels = resize_keep_aspect(pixels, step.side, step.fill, step.channels)
        if pixels is not None:
            pictures.append(_Picture(sample, pixels, perceptual_hash(decoded), mirrored_hash(decoded)))
    moved = sum(inside[each.entry] != each.box for each in photo.boxes)
    return _FromPhoto(photo.path, tuple(pictures), moved, has_face)


def _write(file: Path, made: Sequence[_FromPhoto]) -> None:
    pictures = [picture for each in made for picture in each.pictures]
    if not pictures:
        raise DataError("no picture is left after the steps")
    found = {
        "names": [picture.sample.name for picture in pictures],
        "clipped": sum(each.clipped for each in made),
        "without_face": [each.path for each in made if not each.has_face],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with made_whole(file) as part, part.open("wb") as stream:
        np.savez(
            stream,
            pixels=np.stack([picture.pixels for picture in pictures]),
            hashes=np.array([picture.hash for picture in pictures], dtype=np.uint64),
            mirrored=np.array([picture.mirrored for picture in pictures], dtype=np.uint64),
            found=np.array(json.dumps(found)),
        )


def _read(file: Path, listed: Listed, recipe: TaskRecipe) -> Prepared:
    with np.load(file, allow_pickle=False) as stored:
        found = json.loads(str(stored["found"]))
        arrays = stored["pixels"], stored["hashes"], stored["mirrored"]
    by_name = {sample.name: sample for photo in listed.photos for sample in photo.samples}
    names: list[str] = found["names"]
    order = np.argsort(np.array(names), kind="stable")
    samples = tuple(by_name[names[place]] for place in order)
    faces = next((step for step in recipe.steps if isinstance(step, DetectAndCropFace)), None)
    notes = listed.notes.model_copy(
        update={
            "boxes_clipped": found["clipped"],
            "without_face": tuple(found["without_face"]),
            "faceless_kept": faces is None or faces.without_face == "keep",
            "pictures": dict(sorted(Counter(sample.label for sample in samples).items())),
        }
    )
    pixels, hashes, mirrored = (np.ascontiguousarray(array[order]) for array in arrays)
    return Prepared(samples, pixels, hashes, mirrored, notes)
