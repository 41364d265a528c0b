from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import save_file

from inference.architectures import WasteClassifier, build_classifier
from inference.labels import LABELS
from training.averaged import AveragedNetwork
from training.photo import NONWASTE, Photo
from training.teacher import Teacher, resize_batch
from training.validation import Answers, validation_figures


def _logits(*rows: dict[str, float]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Rows of log probabilities; what is not named shares the rest."""
    out = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
    for row, named in enumerate(rows):
        rest = (1 - sum(named.values())) / (len(LABELS) - len(named))
        out[row] = np.log([named.get(str(label), rest) for label in LABELS])
    return out


def test_figures_of_answers_worked_out_by_hand() -> None:
    photos = [
        Photo("a", ("metal",), "s"),
        Photo("b", ("paper",), "s"),
        Photo("c", ("brown-glass", "green-glass"), "s"),
        Photo("d", (NONWASTE,), "s"),
    ]
    labels = _logits(
        {"metal": 0.8},
        {"plastic": 0.6, "paper": 0.3},
        {"green-glass": 0.5, "brown-glass": 0.2},
        {"metal": 0.9},
    )
    figures = validation_figures(Answers(labels, np.array([3, 1, 2, 1.5], dtype=np.float32)), photos)
    assert figures["val_top1"] == pytest.approx(2 / 3)
    assert figures["val_nll"] == pytest.approx(-np.log([0.8, 0.3, 0.7]).mean(), abs=1e-5)
    assert figures["val_waste_auroc"] == pytest.approx(2 / 3)


def test_telling_waste_from_the_rest_is_undefined_without_the_rest() -> None:
    answers = Answers(_logits({"metal": 0.8}), np.array([1.0], dtype=np.float32))
    figures = validation_figures(answers, [Photo("a", ("metal",), "s")])
    assert np.isnan(figures["val_waste_auroc"])
    assert figures["val_top1"] == 1


def test_the_average_follows_the_network_and_early_steps_count_more() -> None:
    network = build_classifier("resnet18")
    averaged = AveragedNetwork(network, decay=0.5)
    with torch.no_grad():
        network.label_head.bias.fill_(1)
        averaged.network.label_head.bias.fill_(0)
    averaged.update(network)
    # The first decay is 2 / 11, not a half.
    torch.testing.assert_close(averaged.network.label_head.bias, torch.full((12,), 9 / 11))
    for _ in range(25):
        averaged.update(network)
    torch.testing.assert_close(averaged.network.label_head.bias, torch.ones(12), rtol=0, atol=1e-5)
    assert network.label_head.bias is not averaged.network.label_head.bias


def test_mixing_in_is_a_weighted_mean() -> None:
    network = build_classifier("resnet18")
    averaged = AveragedNetwork(network, decay=0.9)
    start = {name: torch.zeros_like(value) for name, value in network.state_dict().items()}
    averaged.mix_in(start, 0.25)
    torch.testing.assert_close(averaged.network.label_head.weight, 0.75 * network.label_head.weight)


def _run(folder: Path, seed: int) -> str:
    torch.manual_seed(seed)
    folder.mkdir()
    save_file(WasteClassifier("resnet18").state_dict(), folder / "model.safetensors")
    recipe = {
        "name": "tiny", "architecture": "resnet18", "side": 32,
        "optimiser": {"lr": 0.1}, "schedule": {"epochs": 1},
    }  # fmt: skip
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), "utf-8")
    return str(folder)


def test_several_teachers_answer_with_the_mean_of_their_log_probabilities(tmp_path: Path) -> None:
    runs = [_run(tmp_path / name, seed) for seed, name in enumerate(("first", "second"))]
    pixels = torch.randint(0, 256, (3, 48, 48, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    alone = [Teacher([run], 32, "cpu")(pixels) for run in runs]
    labels, waste = Teacher(runs, 32, "cpu")(pixels)
    assert (labels.shape, waste.shape, labels.dtype) == ((3, 12), (3,), torch.float32)
    torch.testing.assert_close(labels, (alone[0][0] + alone[1][0]) / 2)
    torch.testing.assert_close(waste, (alone[0][1] + alone[1][1]) / 2)
    torch.testing.assert_close(alone[0][0].exp().sum(dim=1), torch.ones(3))


def test_a_batch_of_the_right_size_is_not_touched_and_others_are_scaled() -> None:
    pixels = torch.full((2, 64, 64, 3), 77, dtype=torch.uint8)
    assert resize_batch(pixels, 64) is pixels
    scaled = resize_batch(pixels, 40)
    assert (scaled.shape, scaled.dtype) == ((2, 40, 40, 3), torch.uint8)
    assert (scaled == 77).all()
