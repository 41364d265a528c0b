"""Twenty steps of a tiny run: everything that should learn does, and a stopped run ends as another would have."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from inference.generator_network import Generator
from training.gan.pictures import Pictures
from training.gan.recipe import GanRecipe
from training.gan.run import GanRun, GanRunSettings, train_gan

RECIPE = GanRecipe(
    name="tiny",
    kimg=0.12,
    batch=6,
    base_channels=4,
    seen_side=32,
    head_channels=8,
    blur_kimg=0.06,
    condition_kimg=(0.0, 0.06),
    ema_kimg=0.01,
)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    source = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (60, 3, 64, 64), generator=source, dtype=torch.uint8)
    return Pictures(pixels, torch.arange(60) % 12, tuple(map(str, range(60))))


def score(generator: Generator, strength: float, /) -> Mapping[str, float]:
    assert not generator.training
    return {"score": strength}


def settings(folder: Path) -> GanRunSettings:
    return GanRunSettings(folder, measure_kimg=0.06, standing_batches=1, report=lambda _: None)


def test_every_parameter_learns_and_what_is_frozen_stays(pictures: Pictures, tmp_path: Path) -> None:
    run = GanRun(RECIPE, pictures, score, settings(tmp_path))
    before = {
        name: value.clone()
        for module in (run.generator, run.discriminator, run.averaged.network)
        for name, value in _named(module)
    }
    run.generator.train()
    run.discriminator.train()
    for _ in range(20):
        run.step()
    unmoved = {
        name
        for module in (run.generator, run.discriminator, run.averaged.network)
        for name, value in _named(module)
        if torch.equal(before[name], value)
    }
    frozen = {f"{id(run.discriminator)} features.{name}" for name, _ in run.discriminator.features.named_parameters()}
    assert unmoved == frozen


def test_a_run_that_begins_from_another_lets_the_discriminator_learn_alone_at_first(
    pictures: Pictures, tmp_path: Path
) -> None:
    first = train_gan(RECIPE, pictures, score, settings(tmp_path / "first")).parent
    recipe = RECIPE.model_copy(
        update={"init": str(first), "warmup_kimg": 0.012, "guidance": 0.5, "condition_kimg": (-1.0, 0.0)}
    )
    run = GanRun(recipe, pictures, score, settings(tmp_path / "second"))
    began = load_file(first / "generator.safetensors")["to_picture.weight"]
    torch.testing.assert_close(run.generator.to_picture.weight, began, rtol=1e-3, atol=1e-5)
    run.generator.train()
    run.discriminator.train()
    judge = [value.clone() for value in run.discriminator.trainable()]
    for _ in range(2):
        run.step()
    torch.testing.assert_close(run.generator.to_picture.weight, began, rtol=1e-3, atol=1e-5)
    learned = [not torch.equal(old, new) for old, new in zip(judge, run.discriminator.trainable(), strict=True)]
    assert sum(learned) > len(learned) / 2, "biases may wait: at first the hinge pulls them both ways alike"
    before = {name: value.clone() for name, value in _named(run.generator)}
    run.step()
    assert not any(torch.equal(before[name], value) for name, value in _named(run.generator))


def test_guidance_moves_the_generator_and_none_does_not_by_default(pictures: Pictures, tmp_path: Path) -> None:
    def after(guidance: float) -> torch.Tensor:
        recipe = RECIPE.model_copy(update={"guidance": guidance, "condition_kimg": (-1.0, 0.0)})
        run = GanRun(recipe, pictures, score, settings(tmp_path))
        run.generator.train()
        run.discriminator.train()
        for _ in range(3):
            run.step()
        moved: torch.Tensor = run.generator.to_picture.weight.detach()
        return moved

    assert RECIPE.guidance == 0
    assert torch.equal(after(0.0), after(0.0))
    assert not torch.equal(after(0.0), after(1.0))


def test_rates_fall_to_nothing_in_the_last_share_of_a_run(pictures: Pictures, tmp_path: Path) -> None:
    run = GanRun(RECIPE.model_copy(update={"decay": 0.5}), pictures, score, settings(tmp_path))
    rates = []
    for _ in range(20):
        rates.append(run.rate)
        run.step()
    assert rates[:11] == [1.0] * 11
    assert rates[11:] == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    assert run.rate == 0
    assert GanRun(RECIPE.model_copy(update={"decay": 0.0}), pictures, score, settings(tmp_path)).rate == 1


def test_a_run_leaves_its_records_and_its_best_weights(pictures: Pictures, tmp_path: Path) -> None:
    best = train_gan(RECIPE, pictures, score, settings(tmp_path))
    with (tmp_path / "metrics.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["kimg"]) for row in rows] == pytest.approx([0.06, 0.12])
    assert (tmp_path / "recipe.yaml").read_text().startswith("name: tiny")
    assert len(list(tmp_path.glob("samples-*.jpg"))) == 2
    Generator(64, 4).load_state_dict(load_file(best))


def test_a_stopped_run_ends_as_one_that_never_stopped(pictures: Pictures, tmp_path: Path) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    train_gan(RECIPE, pictures, score, settings(whole))
    halves.mkdir()
    stopped = GanRun(RECIPE, pictures, score, settings(halves))
    stopped.until(10)
    train_gan(RECIPE, pictures, score, settings(halves))
    states = [torch.load(folder / "checkpoint.pt", weights_only=True) for folder in (whole, halves)]
    assert [state["step"] for state in states] == [20, 20]
    for part in ("generator", "averaged", "discriminator"):
        for name, value in states[0][part].items():
            torch.testing.assert_close(states[1][part][name], value, msg=f"{part} {name}")
    fresh = replace(settings(halves), resume=False)
    train_gan(RECIPE.model_copy(update={"kimg": 0.06}), pictures, score, fresh)
    assert torch.load(halves / "checkpoint.pt", weights_only=True)["step"] == 10


def _named(module: torch.nn.Module) -> list[tuple[str, torch.nn.Parameter]]:
    return [(f"{id(module)} {name}", value) for name, value in module.named_parameters()]
