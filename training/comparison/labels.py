"""Where a photo's label stands: in its name, in the name of its folder, or in the annotations."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from statistics import NormalDist
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from training.comparison.section import Section
from training.data_recipe import DataError


class Bins(Section):
    """A number that is named by the interval it lies in; ``edges`` rise, the last one is outside.

    ``blur``: in the number's unit, how sure it is: the standard deviation by which training spreads a picture's target
    over the intervals (label distribution learning, Geng 2016). The label stays the interval that the number lies in.
    """

    edges: tuple[float, ...] = Field(min_length=2)
    names: tuple[str, ...]
    blur: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.names) != len(self.edges) - 1 or list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges must rise, with one name between each two")
        return self

    def name_of(self, number: float) -> str | None:
        """The interval that holds a number; None outside of all."""
        place = bisect_right(self.edges, number) - 1
        return self.names[place] if 0 <= place < len(self.names) else None

    def shares_of(self, number: float) -> dict[str, float]:
        """Interval -> share of the blurred number that lies in it, with sum 1; for a number inside of the edges."""
        if not self.blur:
            name = self.name_of(number)
            return {name: 1.0} if name else {}
        below = [NormalDist(number, self.blur).cdf(edge) for edge in self.edges]
        whole = below[-1] - below[0]
        return {name: (b - a) / whole for name, (a, b) in zip(self.names, pairwise(below), strict=True)}


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


def shares_of(rule: FromName | FromFolder | FromAnnotations, path: str, label: str) -> dict[str, float]:
    """What the target of a picture is made of: label -> share, with sum 1. The label alone, where nothing is blurred.

    A picture that got its label from a box has no number in its photo's name that could be blurred.

    Args:
        rule: of the recipe.
        path: of the photo below the folder of the task, with forward slashes.
        label: of the picture, from ``label_of`` or from its box.

    """
    if not isinstance(rule, FromName) or not any(bins.blur for bins in rule.bins.values()):
        return {label: 1.0}
    if _from_name(rule, path) != label:
        return {label: 1.0}
    shares = {"": 1.0}
    for group, value in _groups(rule, path).items():
        bins = rule.bins.get(group)
        own = bins.shares_of(float(value)) if bins else {_in_words(rule, group, value) or "": 1.0}
        shares = {f"{before}-{word}": a * b for before, a in shares.items() for word, b in own.items()}
    return {joined.removeprefix("-"): share for joined, share in shares.items()}


def _from_name(rule: FromName, path: str) -> str:
    parts = []
    for group, value in _groups(rule, path).items():
        word = _in_words(rule, group, value) if value else None
        if not word:
            raise _no_label(path, f"{group} {value!r} has no name in the recipe")
        parts.append(word)
    return "-".join(parts)


def _groups(rule: FromName, path: str) -> dict[str, str]:
    match = re.fullmatch(rule.pattern, PurePosixPath(path).stem)
    if match is None:
        raise _no_label(path, f"its name does not match {rule.pattern}")
    return match.groupdict()


def _in_words(rule: FromName, group: str, value: str) -> str | None:
    if group in rule.words:
        return rule.words[group].get(value)
    if group not in rule.bins:
        return value
    try:
        return rule.bins[group].name_of(float(value))
    except ValueError:
        return None


def _no_label(path: str, reason: str) -> DataError:
    return DataError(f"{path}: no label: {reason}")
