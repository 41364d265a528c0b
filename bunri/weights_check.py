"""Is a model what its manifest says, and do its engines agree?"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bunri.benchmark.photo import synthetic_scene
from inference.backends.backend import BackendOutput
from inference.backends.select import choose_role, open_backend
from inference.errors import BackendUnavailable
from inference.labels import LABELS
from inference.manifest import Role, load_manifest, verify_files
from inference.preprocess import square

_PHOTOS: Final = 8
_ROLES: Final[tuple[Role, ...]] = ("openvino", "torch")

LEAST_CORRELATION: Final = 0.9
"""Between the logits of two engines. int8 moves single logits, most on pictures unlike those it was tuned on;
other weights, another order of labels or another scaling of pixels leave no correlation at all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked."""

    good: bool
    text: str


def check_model(weights: Path, name: str) -> Iterator[Finding]:
    """Hashes, then a test inference on every engine that can run here, then their agreement.

    Raises:
        WeightsError: a file is missing or altered, or a network has another shape than its manifest says.

    """
    manifest, folder = load_manifest(weights, name)
    files = verify_files(manifest, folder, _ROLES)
    megabytes = sum(map(len, files.values())) / 1e6
    yield Finding(True, f"{len(files)} files, {megabytes:.1f} MB, have the SHA-256 of the manifest")
    batch = np.stack([square(synthetic_scene(seed), manifest.input_side, manifest.fit) for seed in range(_PHOTOS)])
    outputs: list[tuple[str, BackendOutput]] = []
    for role in _ROLES:
        if not manifest.has(role):
            continue
        try:
            choose_role(manifest, role)
            backend = open_backend(manifest, folder, role)
        except BackendUnavailable as error:
            yield Finding(True, f"{role}: skipped, {error}")
            continue
        output = backend.logits(batch)
        yield Finding(_sane(output), f"{backend.name}: {_PHOTOS} test pictures answered")
        outputs.append((backend.name, output))
        backend.close()
    for (first, one), (second, other) in pairwise(outputs):
        same = int(np.sum(one.label_logits.argmax(axis=1) == other.label_logits.argmax(axis=1)))
        correlation = _correlation(one.label_logits, other.label_logits)
        yield Finding(
            correlation >= LEAST_CORRELATION,
            f"{first} and {second}: same top-1 on {same} of {_PHOTOS} test pictures, "
            f"logits correlate {correlation:.3f}",
        )


def _sane(output: BackendOutput) -> bool:
    return (
        output.label_logits.shape == (_PHOTOS, len(LABELS))
        and output.waste_logits.shape == (_PHOTOS,)
        and bool(np.isfinite(output.label_logits).all() and np.isfinite(output.waste_logits).all())
    )


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
