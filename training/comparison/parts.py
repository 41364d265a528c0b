"""The split of a task, and the arrays of its parts. All pictures of near-duplicate photos are in one part."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.comparison.balance import Balance, balance
from training.comparison.labels import shares_of
from training.comparison.preparation import Prepared
from training.comparison.recipe import TaskRecipe
from training.comparison.run_folder import SPLIT
from training.comparison.samples import Sample
from training.comparison.trial_record import made_whole
from training.data_recipe import DataError
from training.near_duplicates import duplicate_groups
from training.photo import Photo
from training.split import Assigned, Part, deal, read_split, write_split
from training.split_record import SplitSettings, write_split_record

PARTS = (Part.TRAIN, Part.VAL, Part.TEST)


@dataclass(frozen=True, slots=True, eq=False)
class PartArrays:
    """Pictures of one part.

    Attributes:
        pixels: (N, S, S, 3) uint8.
        labels: (N,) columns.
        shares: (N, K) float32, what the targets are made of; each row with sum 1.

    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    shares: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TaskData:
    """A task that is ready to be trained on.

    Attributes:
        labels: sorted; their places are the networks' columns.
        parts: train, val, test; pictures in the order of the split file.
        balanced: training pictures by label, where the recipe balances.
        key: hexadecimal; changes with any picture, label or part.

    """

    labels: tuple[str, ...]
    parts: dict[Part, PartArrays]
    balanced: dict[str, int]
    key: str


def make_task_split(prepared: Prepared, recipe: TaskRecipe) -> list[Assigned]:
    """Deal the pictures, by label, whole groups of near-duplicates at a time.

    Raises:
        DataError: there is one label alone, or a label would be without a picture in a part.

    """
    if len({sample.label for sample in prepared.samples}) < 2:
        raise DataError(f"task {recipe.name}: all pictures have one label; there is nothing to tell apart")
    groups = duplicate_groups(prepared.hashes, prepared.mirrored, recipe.split.distance)
    members: dict[int, list[Photo]] = defaultdict(list)
    for sample, group in zip(prepared.samples, groups, strict=True):
        members[int(group)].append(sample.as_photo(recipe.name))
    shares = {"train": 1 - recipe.split.val - recipe.split.test, "val": recipe.split.val, "test": recipe.split.test}
    dealt = deal(members, shares, np.random.default_rng(recipe.split.seed))
    rows = [Assigned(photo, Part(dealt[group]), group) for group, own in members.items() for photo in own]
    rows.sort(key=lambda row: row.photo.path)
    for label in sorted({sample.label for sample in prepared.samples}):
        missing = set(PARTS) - {row.part for row in rows if row.photo.labels == (label,)}
        if missing:
            raise DataError(f"label {label} has too few pictures: none in {', '.join(sorted(missing))}")
    return rows


def record_split(folder: Path, rows: list[Assigned], recipe: TaskRecipe) -> None:
    """Write ``split.csv`` and its record into a run's folder; a run that goes on must find the same.

    Raises:
        DataError: the folder holds a run on other data.

    """
    file = folder / SPLIT
    if file.is_file():
        if read_split(file) != rows:
            raise DataError(f"{file}: this run began with other data; choose another --out")
        return
    # Other processes that share the folder see the file whole, or not yet.
    settings = SplitSettings(recipe.name, recipe.split.seed, recipe.split.distance, None)
    with made_whole(file) as part:
        write_split(part, rows)
        write_split_record(part, settings, rows, 0).replace(folder / f"{SPLIT}.json")


def task_data(prepared: Prepared, rows: list[Assigned], recipe: TaskRecipe) -> TaskData:
    """The arrays of each part, the training part balanced where the recipe says so."""
    labels = tuple(sorted({sample.label for sample in prepared.samples}))
    column = {label: place for place, label in enumerate(labels)}
    place_of = {sample.name: place for place, sample in enumerate(prepared.samples)}
    parts, balanced, key = {}, {}, hashlib.sha256()
    step = next((each for each in recipe.steps if isinstance(each, Balance)), None)
    for part in PARTS:
        own = [row.photo for row in rows if row.part is part]
        if part is Part.TRAIN and step:
            outcome = balance([photo.labels[0] for photo in own], step.target, step.most_times, recipe.split.seed)
            own, balanced = [own[place] for place in outcome.chosen], outcome.after
        pixels = prepared.pixels[[place_of[photo.path] for photo in own]]
        columns = np.array([column[photo.labels[0]] for photo in own], dtype=np.int64)
        shares = _shares([prepared.samples[place_of[photo.path]] for photo in own], column, recipe)
        parts[part] = PartArrays(pixels, columns, shares)
        key.update(pixels.tobytes() + columns.tobytes())
        if (shares.max(axis=1) < 1).any():
            key.update(shares.tobytes())
    return TaskData(labels, parts, balanced, key.hexdigest()[:16])


def _shares(samples: Sequence[Sample], column: Mapping[str, int], recipe: TaskRecipe) -> NDArray[np.float32]:
    table = np.zeros((len(samples), len(column)))
    for row, sample in zip(table, samples, strict=True):
        for label, share in shares_of(recipe.labels, sample.photo, sample.label).items():
            # An interval that no picture lies in is no label of the task.
            if label in column:
                row[column[label]] = share
    whole: NDArray[np.float64] = table.sum(axis=1, keepdims=True)
    return (table / whole).astype(np.float32)
