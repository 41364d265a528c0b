"""Whether a folder of weights names other models than before, without reading the models."""

import hashlib
from contextlib import suppress
from pathlib import Path

from inference.errors import WeightsError
from inference.generator_manifest import FOLDER
from inference.manifest import INDEX_NAME, MANIFEST_NAME, default_generator, default_model


def weights_signature(weights: Path, model: str | None = None) -> str:
    """Another text whenever the index, or a manifest of the models that answer, has changed; blocks.

    A manifest holds the SHA-256 of its model's files, and so stands for them. What cannot be read counts as empty:
    whoever loads the models will say what is wrong.

    Args:
        weights: the folder that holds ``index.json``.
        model: the classifier that was chosen by name; the index's own when None.

    """
    index = weights / INDEX_NAME
    files = [index]
    with suppress(WeightsError):
        files.append(weights / (model or default_model(weights)) / MANIFEST_NAME)
        generator = default_generator(weights)
        if generator is not None:
            files.append(weights / FOLDER / generator / MANIFEST_NAME)
    seen = hashlib.sha256()
    for file in files:
        content = _content(file)
        seen.update(f"{file}\0{len(content)}\0".encode())
        seen.update(content)
    return seen.hexdigest()


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
