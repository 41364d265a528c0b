"""A tiny generator with random weights, packed the way real ones are, beside the tiny classifier."""

import json
import shutil
from pathlib import Path

import pytest

from tests.weights_fixture import TINY_NAME

GENERATOR_NAME = "tiny-gan"


def add_generator(weights: Path, run: Path) -> None:
    """Pack a run of untrained weights into this folder of weights, as its default generator."""
    import torch
    import yaml
    from safetensors.torch import save_file

    from inference.generator_network import Generator
    from inference.manifest import write_index
    from training.gan.pack import pack_generator
    from training.gan.recipe import GanRecipe

    torch.manual_seed(3)
    network = Generator(64, 4).train()
    with torch.no_grad():
        network(torch.randn(24, 128), torch.arange(24) % 12)
    run.mkdir(parents=True, exist_ok=True)
    recipe = GanRecipe(name=GENERATOR_NAME, kimg=1, base_channels=4)
    (run / "recipe.yaml").write_text(yaml.safe_dump(recipe.model_dump(mode="json")), "utf-8")
    save_file(
        {name: value.contiguous() for name, value in network.eval().state_dict().items()}, run / "generator.safetensors"
    )
    out = weights / "generators" / GENERATOR_NAME
    pack_generator(run, out, version="0", command="tests/generator_fixture.py", split_sha256="0")
    write_index(weights, generator=GENERATOR_NAME)


@pytest.fixture(scope="session")
def packed_generator(tiny_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights with the tiny classifier and the tiny generator; tests that alter it take their own."""
    folder = tmp_path_factory.mktemp("generating")
    weights = Path(shutil.copytree(tiny_weights, folder / "weights"))
    add_generator(weights, folder / "run")
    return weights


@pytest.fixture
def generating_weights(packed_generator: Path, tmp_path: Path) -> Path:
    """A copy of them that a test may spoil."""
    own_weights = Path(shutil.copytree(packed_generator, tmp_path / "generating"))
    assert json.loads((own_weights / "index.json").read_text()) == {
        "classifier": TINY_NAME,
        "generator": GENERATOR_NAME,
    }
    return own_weights
