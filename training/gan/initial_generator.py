"""The weights that a generator begins from, where it does not begin from chance."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from training.data_recipe import DataError

_NAMES: Final = ("generator.safetensors", "model.safetensors")
"""In a run's folder and in a packed one."""


def weights_of(folder: Path) -> Mapping[str, Tensor]:
    """The plain weights of a run or of a folder in ``weights/generators``, as float32.

    Raises:
        DataError: there are none, or they cannot be read.

    """
    for name in _NAMES:
        file = folder / name
        if file.is_file():
            try:
                state = load_file(file)
            except SafetensorError as error:
                raise DataError(f"{file}: {error}") from error
            return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
    raise DataError(f"{folder} holds no generator to begin from: neither {' nor '.join(_NAMES)}")
