"""What a folder of generator weights says about itself.

Layout::

    weights/index.json                          {"classifier": ..., "generator": "<name of the default folder>"}
    weights/generators/<name>/manifest.json     a GeneratorManifest
    weights/generators/<name>/model.safetensors role "torch", fp16
    weights/generators/<name>/fp16.xml, .bin    role "openvino"
    weights/generators/<name>/MODEL_CARD.md     for people
"""

from datetime import date
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from inference.errors import WeightsError
from inference.labels import LABELS, Label
from inference.manifest import MANIFEST_NAME, PlainName, Role, WeightsFile, default_generator, read_document

FOLDER: Final = "generators"


class GeneratorManifest(BaseModel):
    """Everything that serving needs to know about a generator, and where it came from.

    Attributes:
        name: the folder's name.
        labels: the meaning of label numbers; always ``LABELS`` in their order.
        side: of the square pictures, in pixels.
        base_channels: width of the network, as ``inference.generator_network.Generator`` takes it.
        latent: numbers of a latent vector.
        truncation: length of latents at which it does best, as a share of that in training; (0, 1].
        figures: measured figures by name, as in the model card.
        command: the command that made the files.
        data: provenance of the training data.

    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    name: PlainName
    version: str = Field(min_length=1)
    task: Literal["generator"]
    labels: tuple[Label, ...]
    side: Literal[64, 128]
    base_channels: int = Field(ge=1)
    latent: int = Field(ge=1)
    truncation: float = Field(default=1.0, gt=0, le=1)
    files: tuple[WeightsFile, ...]
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

    @property
    def title(self) -> str:
        """Name and version, as shown beside a picture."""
        return f"{self.name} {self.version}"

    def has(self, role: Role) -> bool:
        """Whether there are files for this role."""
        return any(file.role == role for file in self.files)


def generator_names(weights: Path) -> tuple[str, ...]:
    """Names of the generators in ``weights``, sorted."""
    return tuple(sorted(path.parent.name for path in weights.glob(f"{FOLDER}/*/{MANIFEST_NAME}")))


def load_generator_manifest(weights: Path, name: str | None = None) -> tuple[GeneratorManifest, Path] | None:
    """Read the manifest of a generator, the default one when no name is given; None where there is none.

    Returns:
        The manifest and the folder it speaks of.

    Raises:
        WeightsError: the generator is unknown, or its manifest is malformed.

    """
    chosen = name or default_generator(weights)
    if chosen is None:
        return None
    if chosen not in generator_names(weights):
        known = ", ".join(generator_names(weights)) or "none"
        raise WeightsError(f"there is no generator {chosen!r} in {weights / FOLDER}; those there: {known}.", weights)
    folder = weights / FOLDER / chosen
    remedy = f"restore it with 'git checkout -- weights/{FOLDER}/{chosen}'"
    return read_document(GeneratorManifest, folder / MANIFEST_NAME, remedy), folder
