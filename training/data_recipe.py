"""A data recipe: which folders a data set is made of and what their names mean."""

import csv
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from inference.labels import LABELS
from training.photo import NONWASTE, Photo

RECIPES: Final = Path(__file__).parent / "recipes" / "data"

IMAGE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif"})


class DataError(Exception):
    """The data set or its recipe is wrong; ``str(error)`` names the file and what to mend."""


class Role(StrEnum):
    """What a source may be used for; see the comments in ``recipes/data/waste.yaml``."""

    SPLIT = "split"
    TRAIN_ONLY = "train_only"
    STRANGERS = "strangers"
    NONWASTE = "nonwaste"


def _as_labels(value: object) -> object:
    return (value,) if isinstance(value, str) else value


LabelSet = Annotated[tuple[str, ...], BeforeValidator(_as_labels)]


class LabelTable(BaseModel):
    """A CSV ``file,label`` that labels the photos of one folder one by one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str
    file: str
    values: dict[str, LabelSet]


class Source(BaseModel):
    """One folder tree from one origin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    folder: str
    role: Role
    folders: dict[str, LabelSet] = {}
    tables: tuple[LabelTable, ...] = ()


class DataRecipe(BaseModel):
    """A named data set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sources: tuple[Source, ...]


def load_data_recipe(name_or_path: str) -> DataRecipe:
    """Read a data recipe by the name of a shipped one ("waste") or by the path of a file.

    Raises:
        DataError: no such recipe, or it does not validate (the message names file and field).

    """
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        path = RECIPES / f"{name_or_path}.yaml"
    if not path.is_file():
        raise DataError(
            f"no data recipe {name_or_path!r}; shipped: {', '.join(p.stem for p in RECIPES.glob('*.yaml'))}"
        )
    try:
        recipe = DataRecipe.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}") from error
    known = {*map(str, LABELS), NONWASTE}
    for source in recipe.sources:
        tables = [labels for table in source.tables for labels in table.values.values()]
        for labels in [*source.folders.values(), *tables]:
            if not labels or not known.issuperset(labels):
                raise DataError(f"{path}: source {source.name}: unknown label in {labels}")
    return recipe


def _image_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())


def _table_rows(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if reader.fieldnames is None or not {"file", "label"} <= set(reader.fieldnames):
                raise DataError(f"{path}: needs the columns file,label")
            return {row["file"]: row["label"] for row in reader}
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not a readable table ({error})") from error


def list_photos(root: Path, recipe: DataRecipe) -> dict[Role, list[Photo]]:
    """All photos of the recipe that exist under ``root``, by role, in a fixed order.

    Raises:
        DataError: a source's folder is missing, or a table names an unknown value.

    """
    photos: dict[Role, list[Photo]] = {role: [] for role in Role}
    for source in recipe.sources:
        base = root / source.folder
        if not base.is_dir():
            raise DataError(f"{base}: the folder of source {source.name} is missing")
        for folder, labels in source.folders.items():
            photos[source.role] += [
                Photo(file.relative_to(root).as_posix(), labels, source.name) for file in _image_files(base / folder)
            ]
        for table in source.tables:
            rows = _table_rows(root / table.file)
            for file in _image_files(base / table.folder):
                value = rows.get(file.name)
                if value is None:
                    continue
                if value not in table.values:
                    raise DataError(f"{root / table.file}: {file.name} has the unknown label {value!r}")
                photos[source.role].append(Photo(file.relative_to(root).as_posix(), table.values[value], source.name))
    return photos
