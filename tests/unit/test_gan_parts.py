"""The parts of training a generator, each by itself."""

from pathlib import Path

import numpy as np
import pytest
import torch

from inference.generator_network import LATENT, Generator
from inference.labels import LABELS
from training.data_recipe import DataError
from training.gan.blur import blurred
from training.gan.diffaugment import augmented
from training.gan.distances import diversity, kernel_distance
from training.gan.pictures import Pictures, pictures_of, square_of
from training.gan.recipe import GanRecipe, load_gan_recipe
from training.gan.spectral import baked, normalised
from training.gan.vanilla_recipe import VanillaRecipe
from training.photo import Photo

RECIPE = GanRecipe(name="tiny", kimg=1, least_side=8, sources=("a",))


def _thing_on_white(height: int, width: int, top: int, left: int, tall: int, wide: int) -> np.ndarray:
    pixels = np.full((height, width, 3), 250, dtype=np.uint8)
    pixels[top : top + tall, left : left + wide] = (20, 90, 160)
    return pixels


def test_a_thing_on_a_plain_background_fills_its_square() -> None:
    cut = square_of(_thing_on_white(200, 300, 20, 200, 90, 80))
    assert cut.shape[0] == cut.shape[1]
    assert (cut[:, :, 0] == 20).mean() > 0.6


def test_a_long_thing_is_padded_with_its_background_and_not_cut() -> None:
    cut = square_of(_thing_on_white(300, 300, 10, 130, 280, 40))
    assert cut.shape[0] == cut.shape[1] >= 280
    assert (cut[:, 0] == 250).all()
    assert (cut[:, :, 0] == 20).any(axis=1).sum() == 280


@pytest.mark.parametrize("shape", [(100, 100), (60, 200), (200, 60), (1, 1), (1, 50)])
def test_a_photo_without_a_plain_background_gives_a_square_too(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    cut = square_of(noise)
    assert cut.shape[0] == cut.shape[1] >= min(shape)
    assert cut.dtype == np.uint8


def test_pictures_come_from_photos_with_one_sure_label_of_the_recipes_sources() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    photos = [
        Photo("sure", ("paper",), "a"),
        Photo("unsure", ("paper", "cardboard"), "a"),
        Photo("elsewhere", ("paper",), "b"),
        Photo("nothing", ("nonwaste",), "a"),
        Photo("small", ("metal",), "a"),
    ]
    cache = {photo.path: noise for photo in photos} | {"small": noise[:4, :4]}
    found = pictures_of(photos, cache, RECIPE)
    assert found.paths == ("sure",)
    assert found.pixels.shape == (1, 3, 64, 64)
    assert LABELS[int(found.labels[0])] == "paper"
    with pytest.raises(DataError):
        pictures_of(photos[1:], cache, RECIPE)


def test_rare_labels_are_drawn_as_often_as_common_ones() -> None:
    labels = torch.tensor([0] * 95 + [1] * 5)
    pictures = Pictures(torch.zeros(100, 3, 64, 64, dtype=torch.uint8), labels, tuple(map(str, range(100))))
    _, drawn = pictures.drawn(2_000, np.random.default_rng(0))
    assert float((drawn == 1).float().mean()) == pytest.approx(0.5, abs=0.05)


def test_augmentation_and_blur_keep_the_shape_and_let_gradients_through() -> None:
    torch.manual_seed(0)
    pictures = torch.rand(6, 3, 64, 64, requires_grad=True)
    seen = augmented(blurred(pictures, 1.0))
    assert seen.shape == pictures.shape
    torch.autograd.backward(seen.square().sum())
    assert pictures.grad is not None
    assert (pictures.grad.flatten(1).abs().sum(dim=1) > 0).all()


def test_blur_takes_out_detail_at_the_start_and_nothing_at_its_end() -> None:
    torch.manual_seed(0)
    noise = torch.randn(2, 3, 64, 64)
    assert float(blurred(noise, 1.0).std()) < 0.5 * float(noise.std())
    assert torch.equal(blurred(noise, 0.0), noise)


def test_the_kernel_distance_is_small_within_a_distribution_and_large_between_two() -> None:
    torch.manual_seed(0)
    one, other = torch.randn(200, 32), torch.randn(200, 32)
    assert abs(kernel_distance(one, other)) < 0.05
    assert kernel_distance(one, other + 2) > 1


def test_one_picture_over_and_over_is_not_diverse() -> None:
    torch.manual_seed(0)
    same, varied = torch.ones(5, 16), torch.randn(5, 16)
    found = diversity(torch.cat([same, varied]), torch.tensor([0] * 5 + [1] * 5))
    assert found[0] == pytest.approx(0.0, abs=1e-6)
    assert found[1] > 0.5


@pytest.mark.parametrize("side", [64, 128])
def test_the_generator_makes_pictures_that_hang_on_latent_and_label(side: int) -> None:
    torch.manual_seed(0)
    generator = Generator(side, 4).eval()
    latents = torch.randn(2, LATENT)
    with torch.inference_mode():
        paper, metal = (generator(latents, torch.full((2,), label)) for label in (0, 1))
        unconditional = [generator(latents, torch.full((2,), label), 0.0) for label in (0, 1)]
        shorter = generator(0.5 * latents, torch.zeros(2, dtype=torch.long))
    assert paper.shape == (2, 3, side, side)
    assert float(paper.abs().max()) <= 1
    assert not torch.allclose(paper[0], paper[1])
    assert not torch.allclose(paper, metal)
    assert torch.allclose(*unconditional), "at strength 0 labels do not count"
    assert (shorter[0] - shorter[1]).norm() < (paper[0] - paper[1]).norm(), "shorter latents, less variety"


def test_baked_weights_make_the_same_pictures_without_what_learning_needed() -> None:
    torch.manual_seed(0)
    learning = normalised(Generator(64, 4))
    latents, labels = torch.randn(2, LATENT), torch.tensor([3, 7])
    learning.train()(torch.randn(8, LATENT), torch.arange(8))
    plain = Generator(64, 4).eval()
    plain.load_state_dict(baked(learning).state_dict())
    with torch.inference_mode():
        torch.testing.assert_close(plain(latents, labels), learning.eval()(latents, labels))


def test_a_side_that_is_not_made_is_refused() -> None:
    with pytest.raises(ValueError, match="64 or 128"):
        Generator(96, 4)


@pytest.mark.parametrize("text", ["name: x", "name: x\nkimg: 1\nside: 96", "name: x\nkimg: 1\nunknown: 2", "- a list"])
def test_a_faulty_recipe_is_one_error_that_names_its_file(text: str, tmp_path: Path) -> None:
    file = tmp_path / "faulty.yaml"
    file.write_text(text)
    with pytest.raises(DataError, match=r"faulty\.yaml"):
        load_gan_recipe(str(file))


def test_the_shipped_recipes_are_sound() -> None:
    assert {load_gan_recipe(name).side for name in ("fastgan64", "fastgan128")} == {64, 128}
    assert load_gan_recipe("fastgan64_settled").name == "fastgan64_settled"
    assert isinstance(load_gan_recipe("vanilla64"), VanillaRecipe)
    with pytest.raises(DataError, match=r"shipped: fastgan128, .*fastgan64_varied, vanilla64"):
        load_gan_recipe("none")
