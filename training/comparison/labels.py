"""Where a photo's label stands: in its name, in the name of its folder, or in the annotations."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from training.comparison.section import Section
from training.data_recipe import DataError


class Bins(Section):
    """A number that is named by the interval it lies in; ``edges`` rise, the last one is outside."""

    edges: tuple[float, ...] = Field(min_length=2)
    names: tuple[str, ...]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.names) != len(self.edges) - 1 or list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges must rise, with one name between each two")
        return self


class FromName(Section):
    """The named groups of a pattern that matches the whole stem, each put into words, joined by "-"."""

    by: Literal["name"]
    pattern: str
    bins: dict[str, Bins] = Field(default={}, description="by group of the pattern")
    words: dict[str, dict[str, str]] = Field(default={}, description="by group of the pattern, then by what it matched")

    @model_validator(mode="after")
    def _has_groups(self) -> Self:
        try:
            groups = re.compile(self.pattern).groupindex
        except re.error as error:
            raise ValueError(f"pattern: {error}") from error
        if not groups or not {*self.bins, *self.words} <= set(groups):
            raise ValueError("the pattern needs named groups, among them those of bins and words")
        return self


class FromFolder(Section):
    """The folder that holds the photo is named after its label."""

    by: Literal["folder"]


class FromAnnotations(Section):
    """All boxes on the photo carry its label."""

    by: Literal["annotations"]


LabelRule = Annotated[FromName | FromFolder | FromAnnotations, Field(discriminator="by")]


def label_of(rule: FromName | FromFolder | FromAnnotations, path: str, of_boxes: Mapping[str, frozenset[str]]) -> str:
    """The label of one photo.

    Args:
        rule: of the recipe.
        path: of the photo below the folder of the task, with forward slashes.
        of_boxes: path -> labels of the boxes on the photo.

    Raises:
        DataError: the photo has none, or more than one; names it.

    """
    name = PurePosixPath(path)
    if isinstance(rule, FromName):
        return _from_name(rule, path)
    if isinstance(rule, FromFolder):
        if not name.parent.name:
            raise _no_label(path, "it lies in no folder")
        return name.parent.name
    labels = sorted(of_boxes.get(path, frozenset()))
    if len(labels) != 1:
        raise _no_label(path, f"its boxes say {', '.join(labels)}" if labels else "there is no box on it")
    return labels[0]


def _from_name(rule: FromName, path: str) -> str:
    match = re.fullmatch(rule.pattern, PurePosixPath(path).stem)
    if match is None:
        raise _no_label(path, f"its name does not match {rule.pattern}")
    parts = []
    for group, value in match.groupdict().items():
        word = _in_words(rule, group, value) if value else None
        if not word:
            raise _no_label(path, f"{group} {value!r} has no name in the recipe")
        parts.append(word)
    return "-".join(parts)


def _in_words(rule: FromName, group: str, value: str) -> str | None:
    if group in rule.words:
        return rule.words[group].get(value)
    if group not in rule.bins:
        return value
    bins = rule.bins[group]
    try:
        place = bisect_right(bins.edges, float(value)) - 1
    except ValueError:
        return None
    return bins.names[place] if 0 <= place < len(bins.names) else None


def _no_label(path: str, reason: str) -> DataError:
    return DataError(f"{path}: no label: {reason}")
