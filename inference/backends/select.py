"""Which engine runs a model here: the one asked for, or the fastest that this machine has."""

import ctypes
import importlib.util
import sys
from pathlib import Path
from typing import Literal

from inference.backends.backend import Backend
from inference.backends.openvino_backend import OpenVINOBackend
from inference.backends.torch_backend import INSTALL_SENTENCE, TorchBackend
from inference.errors import BackendUnavailable, WeightsError
from inference.manifest import ClassifierManifest, Role, verify_files

BackendChoice = Literal["auto", "openvino", "torch"]


def torch_installed() -> bool:
    """Whether everything that the torch backend imports is installed; imports none of it."""
    return all(importlib.util.find_spec(package) for package in ("torch", "timm", "safetensors"))


def _nvidia_driver_present() -> bool:
    # Asking torch costs its import, seconds that a CPU host need not pay; looking for the driver is cheap.
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def cuda_available() -> bool:
    """Whether torch can use a CUDA device; imports torch only where the driver is there."""
    if not (torch_installed() and _nvidia_driver_present()):
        return False
    import torch

    return torch.cuda.is_available()


def _fastest(manifest: ClassifierManifest) -> Role:
    return "torch" if manifest.has("torch") and cuda_available() else "openvino"


def choose_role(manifest: ClassifierManifest, choice: BackendChoice) -> Role:
    """The engine to use: the choice where one was made, else torch on CUDA, else OpenVINO.

    Raises:
        BackendUnavailable: torch was chosen and is not installed.
        WeightsError: the model has no files for the engine.

    """
    role: Role = _fastest(manifest) if choice == "auto" else choice
    if not manifest.has(role):
        raise WeightsError(
            f"the model {manifest.name!r} has no files for the {role} backend; choose another model "
            "(BUNRI_INFERENCE__MODEL) or backend (BUNRI_INFERENCE__BACKEND)."
        )
    if role == "torch" and not torch_installed():
        raise BackendUnavailable(INSTALL_SENTENCE)
    return role


def one_with_suffix(files: dict[str, bytes], suffix: str, folder: Path) -> bytes:
    """The content of the only file that ends so.

    Raises:
        WeightsError: there is none, or more than one.

    """
    found = [content for path, content in files.items() if path.endswith(suffix)]
    if len(found) != 1:
        raise WeightsError(f"the manifest in {folder} lists {len(found)} {suffix} files instead of one.", folder)
    return found[0]


def open_backend(
    manifest: ClassifierManifest,
    folder: Path,
    choice: BackendChoice = "auto",
    *,
    threads: int = 0,
    streams: int = 1,
) -> Backend:
    """Verify the files of the chosen engine, load and warm it up.

    Args:
        manifest: of the model in ``folder``.
        folder: where its files lie.
        choice: an engine, or "auto".
        threads: CPU threads in all; 0 lets the engine choose.
        streams: photos that may run side by side on a CPU.

    Raises:
        BackendUnavailable: the chosen engine cannot run here.
        WeightsError: the files are missing, altered or of another shape.

    """
    role = choose_role(manifest, choice)
    files = verify_files(manifest, folder, (role,))
    if role == "torch":
        return TorchBackend(
            one_with_suffix(files, ".safetensors", folder),
            architecture=manifest.architecture,
            side=manifest.input_side,
            device="cuda" if cuda_available() else "cpu",
            threads=threads,
        )
    return OpenVINOBackend(
        one_with_suffix(files, ".xml", folder),
        one_with_suffix(files, ".bin", folder),
        side=manifest.input_side,
        threads=threads,
        streams=streams,
    )
