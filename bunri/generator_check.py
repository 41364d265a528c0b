"""Is a generator what its manifest says, and do its engines make the same pictures?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bunri.weights_check import Finding
from inference.backends.generator_backend import GeneratorBackend
from inference.backends.openvino_generator import OpenVINOGenerator
from inference.backends.select import one_with_suffix, torch_installed
from inference.backends.torch_generator import TorchGenerator
from inference.generator_manifest import GeneratorManifest, load_generator_manifest
from inference.labels import LABELS
from inference.latents import latents_of
from inference.manifest import verify_files

MOST_DIFFERENCE: Final = 2.0
"""Mean absolute difference of two engines' pictures, in levels of 255: nobody sees it."""


def check_generator(weights: Path, name: str) -> Iterator[Finding]:
    """Hashes, a picture of each label on every engine that can run here, and their agreement.

    Raises:
        WeightsError: a file is missing or altered, or a network has another shape than its manifest says.

    """
    found = load_generator_manifest(weights, name)
    assert found is not None
    manifest, folder = found
    files = verify_files(manifest, folder, ("openvino", "torch"))
    megabytes = sum(map(len, files.values())) / 1e6
    yield Finding(True, f"{len(files)} files, {megabytes:.1f} MB, have the SHA-256 of the manifest")
    made: list[tuple[str, NDArray[np.uint8]]] = []
    for backend in _backends(manifest, folder, files):
        latents = latents_of(0, len(LABELS), manifest.latent)
        pictures = backend.pictures(latents, np.arange(len(LABELS)))
        yield Finding(float(pictures.std()) > 1, f"{backend.name}: {len(pictures)} test pictures made")
        made.append((backend.name, pictures))
        backend.close()
    if len(made) == 2:
        difference = float(np.abs(made[0][1].astype(int) - made[1][1].astype(int)).mean())
        text = f"{made[0][0]} and {made[1][0]}: pictures differ by {difference:.2f} levels in the mean"
        yield Finding(difference <= MOST_DIFFERENCE, text)


def _backends(manifest: GeneratorManifest, folder: Path, files: dict[str, bytes]) -> Iterator[GeneratorBackend]:
    xml, constants = (one_with_suffix(files, suffix, folder) for suffix in (".xml", ".bin"))
    yield OpenVINOGenerator(xml, constants, side=manifest.side, latent=manifest.latent)
    if manifest.has("torch") and torch_installed():
        state = one_with_suffix(files, ".safetensors", folder)
        yield TorchGenerator(state, side=manifest.side, base_channels=manifest.base_channels, device="cpu")
