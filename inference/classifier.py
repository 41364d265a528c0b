"""One photo, all the way, on the calling thread: bytes -> pixels -> logits -> decision."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.answer import Classification, LabelProbability, Notice
from inference.backends.backend import Backend
from inference.backends.select import BackendChoice, open_backend
from inference.decision import Verdict, calibrated, decide, ranking, sigmoid
from inference.decode import DecodedImage, DecodeLimits, decode_image
from inference.fingerprint import fingerprint
from inference.labels import LABELS
from inference.manifest import ClassifierManifest, load_manifest
from inference.preprocess import side_to_decode, square

SHOWN: Final = 5
"""Labels in ``Classification.top``: more than a person is ever asked to choose from."""


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """Everything that the model says about one photo.

    Attributes:
        probabilities: (12,), calibrated, in the order of ``LABELS``.
        waste_score: probability in [0, 1] that the photo shows waste.
        verdict: what was decided from them.
        notices: remarks on the picture itself.
        fingerprint: of the whole picture.

    """

    probabilities: NDArray[np.float64]
    waste_score: float
    verdict: Verdict
    notices: tuple[Notice, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A photo ready for the network.

    Attributes:
        square: (side, side, 3) uint8 RGB, C-contiguous.
        notices: remarks on the picture itself.
        fingerprint: of the whole picture.

    """

    square: NDArray[np.uint8]
    notices: tuple[Notice, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Classifier:
    """A model that is ready, and what its manifest says about it. Several threads may call it at once.

    Attributes:
        backend: the engine, loaded and warmed up.
        manifest: of the weights in the backend.
        limits: what a photo may cost.

    """

    backend: Backend
    manifest: ClassifierManifest
    limits: DecodeLimits

    def assess(self, image: bytes) -> Assessment:
        """Decode, run the network and decide; blocks. Keeps nothing of the photo.

        Raises:
            DecodeError: the bytes are not an acceptable photo.

        """
        prepared = self.look(image)
        output = self.backend.logits(prepared.square[None])
        return self.judge(prepared, output.label_logits[0], float(output.waste_logits[0]))

    def look(self, image: bytes) -> Prepared:
        """Everything before the network; blocks.

        Raises:
            DecodeError: the bytes are not an acceptable photo.

        """
        decoded = self.decode(image)
        return Prepared(self.prepare(decoded.pixels), decoded.notices, fingerprint(decoded.pixels))

    def judge(self, prepared: Prepared, label_logits: NDArray[np.float32], waste_logit: float) -> Assessment:
        """What (12,) label logits and a waste logit mean; quick."""
        probabilities = calibrated(label_logits, self.manifest.temperature)
        waste_score = sigmoid(waste_logit)
        verdict = decide(probabilities, waste_score, self.manifest.thresholds)
        return Assessment(probabilities, waste_score, verdict, prepared.notices, prepared.fingerprint)

    def decode(self, image: bytes) -> DecodedImage:
        """Validated pixels, no larger than the network makes use of.

        Raises:
            DecodeError: the bytes are not an acceptable photo.

        """
        needed = side_to_decode(self.manifest.input_side, self.manifest.fit)
        return decode_image(image, self.limits, needed_side=needed)

    def prepare(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The (side, side, 3) square that the network sees, of (H, W, 3) pixels."""
        return square(pixels, self.manifest.input_side, self.manifest.fit)

    def classify(self, image: bytes) -> Classification:
        """The answer to one photo; blocks. Keeps nothing of it.

        Raises:
            DecodeError: the bytes are not an acceptable photo.

        """
        prepared = self.look(image)
        output = self.backend.logits(prepared.square[None])
        return self.answer(prepared, output.label_logits[0], float(output.waste_logits[0]))

    def answer(self, prepared: Prepared, label_logits: NDArray[np.float32], waste_logit: float) -> Classification:
        """The answer that (12,) label logits and a waste logit stand for; quick."""
        assessment = self.judge(prepared, label_logits, waste_logit)
        probabilities, verdict = assessment.probabilities, assessment.verdict
        top = tuple(
            LabelProbability(LABELS[column], float(probabilities[column])) for column in ranking(probabilities)[:SHOWN]
        )
        return Classification(
            label=top[0].label,
            confidence=top[0].p,
            top=top,
            decision=verdict.decision,
            candidates=verdict.candidates,
            hazards=verdict.hazards,
            waste_score=assessment.waste_score,
            model=self.manifest.title,
            notices=assessment.notices,
            fingerprint=assessment.fingerprint,
        )

    def close(self) -> None:
        """Release the backend. Idempotent."""
        self.backend.close()


def open_classifier(
    weights: Path,
    model: str | None = None,
    backend: BackendChoice = "auto",
    *,
    limits: DecodeLimits,
    threads: int = 0,
    workers: int = 1,
) -> Classifier:
    """Load a model, the default one when none is named; blocks for well under a second on the CPU.

    Args:
        weights: the folder that holds ``index.json`` and the models.
        model: name of a folder in it.
        backend: an engine, or "auto" for the fastest that this machine has.
        limits: what a photo may cost.
        threads: CPU threads of the model in all; 0 lets the backend choose.
        workers: photos that may be worked on at the same time.

    Raises:
        WeightsError: the model is unknown, or its files are missing, altered or of another shape.
        BackendUnavailable: the chosen engine cannot run here.

    """
    manifest, folder = load_manifest(weights, model)
    engine = open_backend(manifest, folder, backend, threads=threads, streams=workers)
    return Classifier(engine, manifest, limits)
