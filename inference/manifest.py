"""What a folder of weights says about itself, and the check that its files are the ones it speaks of.

Layout::

    weights/index.json               {"classifier": "<name of the default folder>", "generator": ...}
    weights/<name>/manifest.json     a ClassifierManifest
    weights/<name>/model.safetensors role "torch", fp16
    weights/<name>/int8.xml, .bin    role "openvino"
    weights/<name>/MODEL_CARD.md     for people
"""

import hashlib
import json
import re
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from inference.errors import WeightsError
from inference.labels import LABELS, Label
from inference.preprocess import Fit

INDEX_NAME: Final = "index.json"
MANIFEST_NAME: Final = "manifest.json"

Role = Literal["torch", "openvino"]

_PLAIN_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"

PlainName = Annotated[str, StringConstraints(pattern=_PLAIN_NAME, max_length=100)]
"""One path component: no separator, no leading dot, so that it cannot leave its folder."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]

_CONFIG: Final = ConfigDict(frozen=True, strict=True, extra="forbid")


class Thresholds(BaseModel):
    """Where the decision changes, in calibrated probability; made from the validation split by a command.

    Attributes:
        answer: at or above it the likeliest label is given as the answer.
        candidate: at or above it a label is worth asking about.
        waste: below it the photo does not look like waste.
        hazard_battery: at or above it the battery warning is shown.

    """

    model_config = _CONFIG

    answer: Probability
    candidate: Probability
    waste: Probability
    hazard_battery: Probability


class WeightsFile(BaseModel):
    """One file of a model: who reads it, its name inside the folder, its SHA-256 and its size in bytes."""

    model_config = _CONFIG

    role: Role
    path: PlainName
    sha256: Sha256
    bytes: int = Field(gt=0)


class ClassifierManifest(BaseModel):
    """Everything that serving needs to know about a classifier, and where it came from.

    Attributes:
        name: the folder's name.
        architecture: as ``inference.architectures.build_classifier`` knows it.
        labels: the meaning of the logits columns; always ``LABELS`` in their order.
        input_side: side of the square the network sees, in pixels.
        fit: how a photo becomes that square.
        temperature: what the label logits are divided by before the softmax (Guo et al. 2017).
        figures: measured figures by name, as in the model card.
        command: the command that made the files.
        data: provenance of the training data: seed, counts and SHA-256 of the split.

    """

    model_config = _CONFIG

    name: PlainName
    version: str = Field(min_length=1)
    task: Literal["classifier"]
    architecture: str = Field(min_length=1)
    labels: tuple[Label, ...]
    input_side: int = Field(ge=32, le=1024)
    fit: Fit
    files: tuple[WeightsFile, ...]
    temperature: float = Field(gt=0.0, allow_inf_nan=False)
    thresholds: Thresholds
    figures: dict[str, float | str]
    command: str
    created: date
    data: dict[str, JsonValue]

    @field_validator("labels")
    @classmethod
    def _labels_are_ours_in_order(cls, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        if labels != LABELS:
            raise ValueError(f"the labels must be these, in this order: {', '.join(LABELS)}")
        return labels

    @model_validator(mode="after")
    def _no_file_twice(self) -> "ClassifierManifest":
        paths = [file.path for file in self.files]
        if len(set(paths)) != len(paths):
            raise ValueError("a file is listed twice")
        return self

    @property
    def title(self) -> str:
        """Name and version, as shown beside an answer."""
        return f"{self.name} {self.version}"

    def has(self, role: Role) -> bool:
        """Whether there are files for this role."""
        return any(file.role == role for file in self.files)


class _Index(BaseModel):
    model_config = _CONFIG

    classifier: PlainName
    generator: PlainName | None = None


_Document = TypeVar("_Document", bound=BaseModel)


def _remedy(name: str) -> str:
    return f"restore it with 'git checkout -- weights/{name}' or choose another model (BUNRI_INFERENCE__MODEL)"


def read_document(kind: type[_Document], path: Path, remedy: str) -> _Document:
    """A JSON file as a model; ``remedy`` ends the sentence of the error.

    Raises:
        WeightsError: it is missing or malformed.

    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); {remedy}.", path) from error
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise WeightsError(f"{path} is not valid: {where}: {first['msg']}; {remedy}.", path) from error


def default_model(weights: Path) -> str:
    """Name of the default classifier's folder.

    Raises:
        WeightsError: ``index.json`` is missing or malformed.

    """
    return _index(weights).classifier


def default_generator(weights: Path) -> str | None:
    """Name of the default generator's folder, if there is one.

    Raises:
        WeightsError: ``index.json`` is missing or malformed.

    """
    return _index(weights).generator


def write_index(weights: Path, *, classifier: str | None = None, generator: str | None = None) -> None:
    """Name the models that answer; what is not given stays as it is. A reader sees the old names or the new ones."""
    path = weights / INDEX_NAME
    before = _index(weights) if path.exists() else _Index(classifier=classifier or "")
    given = {"classifier": classifier or before.classifier, "generator": generator or before.generator}
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({key: value for key, value in given.items() if value}) + "\n", "utf-8")
    draft.replace(path)


def _index(weights: Path) -> _Index:
    remedy = "restore it with 'git checkout -- weights' or set BUNRI_INFERENCE__MODEL"
    return read_document(_Index, weights / INDEX_NAME, remedy)


def model_names(weights: Path) -> tuple[str, ...]:
    """Names of the folders in ``weights`` that hold a manifest, sorted."""
    return tuple(sorted(path.parent.name for path in weights.glob(f"*/{MANIFEST_NAME}")))


def load_manifest(weights: Path, name: str | None = None) -> tuple[ClassifierManifest, Path]:
    """Read the manifest of a model, the default one when no name is given.

    Returns:
        The manifest and the folder it speaks of.

    Raises:
        WeightsError: the model is unknown, or its manifest is missing or malformed.

    """
    chosen = default_model(weights) if name is None else name
    folder = weights / chosen
    # A name is one component: '../elsewhere' is an unknown model, not a path to follow.
    if not re.fullmatch(_PLAIN_NAME, chosen) or not folder.is_dir():
        known = ", ".join(model_names(weights)) or "none"
        raise WeightsError(f"there is no model {chosen!r} in {weights}; the models there: {known}.", folder)
    manifest = read_document(ClassifierManifest, folder / MANIFEST_NAME, _remedy(chosen))
    if manifest.name != chosen:
        raise WeightsError(
            f"{folder / MANIFEST_NAME} is the manifest of {manifest.name!r}, not of {chosen!r}; {_remedy(chosen)}.",
            folder,
        )
    return manifest, folder


def _verified(file: WeightsFile, folder: Path) -> bytes:
    path = folder / file.path
    remedy = _remedy(folder.name)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise WeightsError(f"{path} leads out of its folder; {remedy}.", path)
    try:
        size = path.stat().st_size
        # The size is compared first, so that a file of any size is not read into memory.
        content = path.read_bytes() if size == file.bytes else b""
    except FileNotFoundError as error:
        raise WeightsError(f"{path} is missing; {remedy}.", path) from error
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); {remedy}.", path) from error
    if size != file.bytes:
        raise WeightsError(f"{path} has {size} bytes where its manifest says {file.bytes}; {remedy}.", path)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise WeightsError(f"{path} is not the file its manifest speaks of (wrong SHA-256); {remedy}.", path)
    return content


class HasFiles(Protocol):
    """A manifest of any kind."""

    @property
    def files(self) -> tuple[WeightsFile, ...]:
        """The files of its folder."""
        ...


def verify_files(manifest: HasFiles, folder: Path, roles: Collection[Role]) -> dict[str, bytes]:
    """Read the files of these roles and check each against its SHA-256.

    The checked bytes themselves are returned: what a parser gets is what was checked, not what the disk
    holds a moment later.

    Returns:
        File name -> content.

    Raises:
        WeightsError: a file is missing, unreadable, altered, or leads out of the folder.

    """
    return {file.path: _verified(file, folder) for file in manifest.files if file.role in roles}
