"""The baseline learns, label by label, and a stopped run ends as another would have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from inference.labels import LABELS
from training.data_recipe import DataError
from training.gan.pack import pack_generator
from training.gan.pictures import Pictures
from training.gan.recipe import load_gan_recipe
from training.gan.vanilla_recipe import VanillaRecipe
from training.gan.vanilla_run import VanillaPair, VanillaRunSettings, train_vanilla, vanilla_pictures

RECIPE = VanillaRecipe(name="tiny", kind="vanilla", kimg=0.096, batch=4)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    source = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (24, 3, 64, 64), generator=source, dtype=torch.uint8)
    return Pictures(pixels, torch.arange(24) % 12, tuple(map(str, range(24))))


def settings(folder: Path, checkpoint_seconds: float = 1e9) -> VanillaRunSettings:
    return VanillaRunSettings(folder, checkpoint_seconds=checkpoint_seconds, report=lambda _: None)


def test_every_parameter_of_a_pair_learns(pictures: Pictures) -> None:
    pair = VanillaPair(RECIPE, pictures.pixels, LABELS[0], "cpu")
    networks = (pair.generator, pair.discriminator)
    before = [value.clone() for network in networks for value in network.parameters()]
    for _ in range(20):
        pair.step()
    after = [value for network in networks for value in network.parameters()]
    assert len(before) == len(after)
    assert not any(torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_a_run_makes_pictures_of_every_label_and_says_what_it_did(pictures: Pictures, tmp_path: Path) -> None:
    train_vanilla(RECIPE, pictures, settings(tmp_path))
    made = {label: vanilla_pictures(tmp_path, label, 3, seed=5) for label in LABELS}
    assert all(each.shape == (3, 3, 64, 64) and each.abs().max() <= 1 for each in made.values())
    assert not torch.equal(made[LABELS[0]], made[LABELS[1]]), "a pair for each label"
    assert torch.equal(made[LABELS[0]], vanilla_pictures(tmp_path, LABELS[0], 3, seed=5))
    assert load_gan_recipe(str(tmp_path / "recipe.yaml")) == RECIPE
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in lines] == [["label", "step"], *([label.value, "2"] for label in LABELS)]
    assert (tmp_path / "samples.jpg").is_file()
    assert not (tmp_path / "checkpoint.pt").exists()


def test_a_stopped_run_ends_as_one_that_never_stopped(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = RECIPE.model_copy(update={"kimg": 0.2})
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    train_vanilla(recipe, pictures, settings(whole))
    step, steps = VanillaPair.step, iter(range(100))

    def stopping(pair: VanillaPair) -> dict[str, float]:
        if next(steps) == 3:  # of five, in the first label
            raise KeyboardInterrupt
        return step(pair)

    monkeypatch.setattr(VanillaPair, "step", stopping)
    with pytest.raises(KeyboardInterrupt):
        train_vanilla(recipe, pictures, settings(halves, checkpoint_seconds=0))
    assert (halves / "checkpoint.pt").is_file()
    monkeypatch.setattr(VanillaPair, "step", step)
    told: list[str] = []
    train_vanilla(recipe, pictures, VanillaRunSettings(halves, report=told.append))
    assert any("going on from step 3" in line for line in told)
    for label in LABELS:
        first, second = (load_file(folder / f"{label.value}.safetensors") for folder in (whole, halves))
        for name, value in first.items():
            torch.testing.assert_close(second[name], value, msg=f"{label.value} {name}")


def test_the_baseline_is_never_packed_for_serving(pictures: Pictures, tmp_path: Path) -> None:
    train_vanilla(RECIPE, pictures, settings(tmp_path / "run"))
    with pytest.raises(DataError, match="never served"):
        pack_generator(tmp_path / "run", tmp_path / "out", version="0", command="-", split_sha256="0")
    (tmp_path / "run" / "shoes.safetensors").unlink()
    with pytest.raises(DataError, match="not trained to its end"):
        vanilla_pictures(tmp_path / "run", LABELS[LABELS.index("shoes")], 1, seed=0)


def test_numbers_next_to_nothing_are_numbers_again_after_a_run(pictures: Pictures, tmp_path: Path) -> None:
    train_vanilla(VanillaRecipe(name="tiny", kind="vanilla", kimg=0.048, batch=4), pictures, settings(tmp_path))
    smallest = torch.tensor(5e-324, dtype=torch.float64)
    assert float(smallest * 1.0) > 0
