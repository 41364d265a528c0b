"""Pictures of a label, made by a generator: the same seed gives the same picture."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.backends.generator_backend import GeneratorBackend
from inference.backends.openvino_generator import OpenVINOGenerator
from inference.backends.select import BackendChoice, cuda_available, one_with_suffix, torch_installed
from inference.backends.torch_backend import Device
from inference.backends.torch_generator import TorchGenerator
from inference.classifier import Classifier
from inference.decision import calibrated
from inference.errors import BackendUnavailable
from inference.generator_manifest import GeneratorManifest, load_generator_manifest
from inference.labels import LABELS, Label
from inference.latents import latents_of
from inference.manifest import Role, verify_files

MOST_AT_ONCE: Final = 16
"""Pictures of one request."""

ACCEPTED: Final = 0.5
"""Probability of its label from which a picture is shown. Choosing the surest of all instead would make the pictures of
a label more alike, and look at all candidates of every seed."""

SEEDS: Final = 2**31
"""Seeds are numbers from 0 to one less than this; behind the last one comes 0."""


@dataclass(frozen=True, slots=True, eq=False)
class GeneratedPicture:
    """One picture.

    Attributes:
        pixels: (side, side, 3) uint8 RGB.
        label: what it should show.
        seed: makes it again, on the same model and backend.
        model: name and version of the weights.

    """

    pixels: NDArray[np.uint8]
    label: Label
    seed: int
    model: str


@dataclass(frozen=True, slots=True)
class PictureGenerator:
    """A generator that is ready.

    A seed stands for ``candidates`` pictures. The first that the classifier gives its label with ``ACCEPTED`` is taken
    (rejection sampling), and where none is, the one that it is surest of; with one candidate the classifier is not
    asked. ``truncation`` in (0, 1] shortens latents.
    """

    backend: GeneratorBackend
    manifest: GeneratorManifest
    classifier: Classifier
    candidates: int = 1
    truncation: float = 1.0

    def generate(self, label: Label, count: int, seed: int) -> tuple[GeneratedPicture, ...]:
        """``count`` pictures, of the seeds from ``seed`` on; blocks.

        Args:
            label: what to show.
            count: 1 to ``MOST_AT_ONCE``.
            seed: 0 to ``SEEDS`` - 1.

        Raises:
            ValueError: a number is out of its range.

        """
        check_request(count, seed)
        seeds = [(seed + place) % SEEDS for place in range(count)]
        latent, place = self.manifest.latent, LABELS.index(label)
        drawn = np.stack([latents_of(each, self.candidates, latent, self.truncation) for each in seeds])
        best = self._pictures(drawn[:, 0], place)
        if self.candidates > 1:
            self._improve(best, drawn, place)
        return tuple(
            GeneratedPicture(pixels, label, each, self.manifest.title) for pixels, each in zip(best, seeds, strict=True)
        )

    def close(self) -> None:
        """Release the backend. Idempotent; the classifier belongs to somebody else."""
        self.backend.close()

    def _improve(self, best: NDArray[np.uint8], drawn: NDArray[np.float32], place: int) -> None:
        """Put later candidates in the place of those that the classifier is not sure enough of."""
        sureness = self._sureness(best, place)
        for number in range(1, self.candidates):
            (unsure,) = np.nonzero(sureness < ACCEPTED)
            if not len(unsure):
                return
            others = self._pictures(drawn[unsure, number], place)
            surer = self._sureness(others, place)
            won = surer > sureness[unsure]
            best[unsure[won]], sureness[unsure[won]] = others[won], surer[won]

    def _pictures(self, latents: NDArray[np.float32], place: int) -> NDArray[np.uint8]:
        return self.backend.pictures(latents, np.full(len(latents), place, dtype=np.int64))

    def _sureness(self, pictures: NDArray[np.uint8], place: int) -> NDArray[np.float64]:
        """(N,) how probable the classifier finds the label."""
        classifier = self.classifier
        squares = np.stack([classifier.prepare(each) for each in pictures])
        logits = classifier.backend.logits(squares).label_logits
        return np.array([calibrated(each, classifier.manifest.temperature)[place] for each in logits])


def check_request(count: int, seed: int) -> None:
    """Refuse what cannot be made.

    Raises:
        ValueError: a number is out of its range.

    """
    if not 1 <= count <= MOST_AT_ONCE or not 0 <= seed < SEEDS:
        raise ValueError(f"1 to {MOST_AT_ONCE} pictures, seeds from 0 to {SEEDS - 1}")


def open_generator(
    weights: Path,
    classifier: Classifier,
    choice: BackendChoice = "auto",
    *,
    name: str | None = None,
    candidates: int = 1,
    truncation: float | None = None,
    threads: int = 1,
) -> PictureGenerator | None:
    """Load a generator, the default one when no name is given; None where the weights hold none.

    ``truncation`` is the manifest's when None.

    Raises:
        WeightsError: its files are missing, altered or of another shape.
        BackendUnavailable: torch was chosen and is not installed.

    """
    found = load_generator_manifest(weights, name)
    if found is None:
        return None
    manifest, folder = found
    role = _role(manifest, choice)
    files = verify_files(manifest, folder, (role,))
    backend: GeneratorBackend
    if role == "torch":
        state = one_with_suffix(files, ".safetensors", folder)
        device: Device = "cuda" if cuda_available() else "cpu"
        backend = TorchGenerator(state, side=manifest.side, base_channels=manifest.base_channels, device=device)
    else:
        xml, constants = (one_with_suffix(files, suffix, folder) for suffix in (".xml", ".bin"))
        backend = OpenVINOGenerator(xml, constants, side=manifest.side, latent=manifest.latent, threads=threads)
    return PictureGenerator(backend, manifest, classifier, candidates, truncation or manifest.truncation)


def _role(manifest: GeneratorManifest, choice: BackendChoice) -> Role:
    if choice == "torch" and not torch_installed():
        raise BackendUnavailable("the torch backend needs the extra [gpu]")
    if choice == "auto":
        return "torch" if manifest.has("torch") and cuda_available() else "openvino"
    return choice
