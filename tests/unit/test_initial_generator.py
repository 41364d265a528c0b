"""A run may begin from the weights of another: they are found, read and refused clearly."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from training.data_recipe import DataError
from training.gan.initial_generator import weights_of


def test_weights_of_a_run_and_of_a_packed_folder_are_float32(tmp_path: Path) -> None:
    state = {"a": torch.ones(2, dtype=torch.float16), "count": torch.tensor(3)}
    for name in ("generator.safetensors", "model.safetensors"):
        folder = tmp_path / name
        folder.mkdir()
        save_file(state, folder / name)
        found = weights_of(folder)
        assert found["a"].dtype == torch.float32
        assert found["a"].tolist() == [1, 1]
        assert found["count"].dtype == torch.int64


def test_a_folder_without_weights_or_with_broken_ones_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no generator to begin from"):
        weights_of(tmp_path)
    (tmp_path / "generator.safetensors").write_bytes(b"not weights")
    with pytest.raises(DataError, match=r"generator\.safetensors"):
        weights_of(tmp_path)
