"""Photos whose truth is known, to score a model on: a tree of folders, or one part of a split file.

A folder's name says what its photos show: one of the twelve labels, ``nonwaste`` (``not_waste``), or
``glass`` for glass of unknown colour. Any other name needs a line in a mapping file (YAML or TOML)::

    bottles: plastic                        # a label
    textiles: [clothes, shoes]              # one of several: each counts as right
    landscapes: not_waste                   # for telling waste from the rest
    doubtful: skip                          # left out, and said so
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from inference.labels import LABELS, Label
from training.data_recipe import IMAGE_SUFFIXES, DataError
from training.photo import NONWASTE, Photo
from training.split import Part, read_split

SKIP: Final = "skip"

Meaning = tuple[str, ...]
"""What a folder's name stands for: labels in the order of ``LABELS``, ``(NONWASTE,)``, or ``()``: skip it."""

BUILT_IN: Final[Mapping[str, Meaning]] = {
    **{label.value: (label.value,) for label in LABELS},
    "glass": (Label.BROWN_GLASS.value, Label.GREEN_GLASS.value, Label.WHITE_GLASS.value),
    NONWASTE: (NONWASTE,),
    "not_waste": (NONWASTE,),
}


class UnknownFolderError(DataError):
    """Folders whose names nobody has explained.

    Attributes:
        names: the folders' names, sorted.

    """

    def __init__(self, root: Path, names: tuple[str, ...]) -> None:
        known = ", ".join(BUILT_IN)
        super().__init__(
            f"{root}: unknown folder{'s' if len(names) > 1 else ''} {', '.join(names)}; say with --map what "
            f"each stands for (a label, a list of labels, not_waste or skip). Known without it: {known}"
        )
        self.names = names


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo to score.

    Attributes:
        photo: path relative to the root, true labels, source.
        row: its row in the confusion matrix: the folder's name, or the labels of a split row.

    """

    photo: Photo
    row: str


@dataclass(frozen=True, slots=True)
class LabelledPhotos:
    """What is to be scored, and what was left out.

    Attributes:
        root: what the paths are relative to.
        samples: in a fixed order.
        skipped_folders: left out because the mapping says so.
        ignored: entries of label folders that are no photos by their suffix, or folders in them, as paths
            relative to the root.

    """

    root: Path
    samples: tuple[Sample, ...]
    skipped_folders: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def _meaning(value: object, where: str) -> Meaning:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise DataError(f"{where}: expected a label, a list of labels, not_waste or skip, found {value!r}")
    if names == [SKIP]:
        return ()
    if names in ([NONWASTE], ["not_waste"]):
        return (NONWASTE,)
    unknown = sorted(set(names) - {label.value for label in LABELS})
    if unknown:
        raise DataError(f"{where}: {', '.join(unknown)}: not among the labels {', '.join(LABELS)}")
    return tuple(label.value for label in LABELS if label.value in names)


def read_mapping(path: Path) -> dict[str, Meaning]:
    """Read a mapping file, TOML by its suffix, else YAML.

    Raises:
        DataError: it cannot be read or parsed, or a value is no label, list of labels, not_waste or skip.

    """
    try:
        text = path.read_text("utf-8")
        document: object = tomllib.loads(text) if path.suffix.lower() == ".toml" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: not a readable mapping ({reason})") from error
    if not isinstance(document, dict):
        raise DataError(f"{path}: expected lines 'folder: label'")
    mapping = {}
    for folder, value in document.items():
        # YAML reads 7 as a number, and "no" as a truth value, whose spelling is lost.
        if isinstance(folder, bool) or not isinstance(folder, str | int):
            raise DataError(f"{path}: put the folder's name {folder!r} in quotes")
        mapping[str(folder)] = _meaning(value, f"{path}: {folder}")
    return mapping


def _is_photo(entry: Path) -> bool:
    # A dangling link counts as a photo, so that it is listed as unreadable and not overlooked.
    return entry.suffix.lower() in IMAGE_SUFFIXES and not entry.is_dir()


def _visible(entries: Iterable[Path]) -> list[Path]:
    return sorted(entry for entry in entries if not entry.name.startswith("."))


def photos_in_folders(root: Path, mapping: Mapping[str, Meaning] | None = None) -> LabelledPhotos:
    """Find ``root/<label>/*.jpg`` and the like; links are followed, hidden entries passed over.

    Args:
        root: the folder of folders.
        mapping: what folder names stand for; goes before ``BUILT_IN``.

    Raises:
        UnknownFolderError: a folder's name is explained by neither.
        DataError: the folder cannot be listed.

    """
    meanings = {**BUILT_IN, **(mapping or {})}
    samples: list[Sample] = []
    skipped: list[str] = []
    ignored: list[str] = []
    try:
        folders = [entry for entry in _visible(root.iterdir()) if entry.is_dir()]
        unknown = tuple(folder.name for folder in folders if folder.name not in meanings)
        if unknown:
            raise UnknownFolderError(root, unknown)
        for folder in folders:
            labels = meanings[folder.name]
            if not labels:
                skipped.append(folder.name)
                continue
            for entry in _visible(folder.iterdir()):
                path = entry.relative_to(root).as_posix()
                if _is_photo(entry):
                    samples.append(Sample(Photo(path, labels, ""), folder.name))
                else:
                    ignored.append(path)
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be listed ({error.strerror})") from error
    return LabelledPhotos(root, tuple(samples), tuple(skipped), tuple(ignored))


def photos_of_split(path: Path, part: Part, root: Path) -> LabelledPhotos:
    """The photos of one part of a split file.

    Args:
        path: the split file, as ``training.split`` writes it.
        part: which part.
        root: what the paths in it are relative to.

    Raises:
        DataError: the file cannot be read, or a row is malformed or names an unknown label.

    """
    try:
        rows = read_split(path)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    samples = []
    for assigned in rows:
        if assigned.part is part:
            labels = _meaning(list(assigned.photo.labels), f"{path}: {assigned.photo.path}")
            photo = Photo(assigned.photo.path, labels, assigned.photo.source)
            samples.append(Sample(photo, "|".join(labels)))
    return LabelledPhotos(root, tuple(samples))
