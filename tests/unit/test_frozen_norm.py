import copy

import pytest
import torch
from torch import nn

from inference.architectures import WasteClassifier
from training.frozen_norm import freeze_norms
from training.initial_weights import starting_network


@pytest.fixture
def network() -> WasteClassifier:
    """With ImageNet weights: of random ones the statistics are trivial, and fusing them proves little."""
    return starting_network("efficientnet_lite0", "package")


@pytest.fixture
def pixels() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8, generator=generator)


def test_fused_norms_give_the_same_answers_and_gradients(network: WasteClassifier, pixels: torch.Tensor) -> None:
    plain = copy.deepcopy(network)
    norms = sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    assert freeze_norms(network.backbone) == norms
    for each in (network, plain):
        labels, waste = each(pixels)
        torch.autograd.backward(labels.square().sum() + waste.square().sum())
    torch.testing.assert_close(network(pixels), plain(pixels), rtol=1e-3, atol=1e-3)
    for (name, mine), theirs in zip(network.named_parameters(), plain.parameters(), strict=True):
        assert mine.grad is not None, name
        assert theirs.grad is not None, name
        assert (mine.grad - theirs.grad).norm() <= 1e-2 * theirs.grad.norm() + 1e-6, name


@torch.no_grad()
def test_in_bfloat16_the_answers_are_as_near_as_those_of_the_plain_network(
    network: WasteClassifier, pixels: torch.Tensor
) -> None:
    exact = network.features(pixels)
    errors = []
    for fused in (False, True):
        if fused:
            freeze_norms(network.backbone)
        with torch.autocast("cpu", torch.bfloat16):
            errors.append(float((network.features(pixels).float() - exact).norm() / exact.norm()))
    assert errors[1] < 2 * errors[0] + 1e-3
    assert errors[1] < 0.1


def test_fused_norms_keep_their_statistics_even_in_training_mode(
    network: WasteClassifier, pixels: torch.Tensor
) -> None:
    freeze_norms(network.backbone)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.train()(pixels)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_a_copy_of_a_fused_network_uses_its_own_weights(network: WasteClassifier, pixels: torch.Tensor) -> None:
    freeze_norms(network.backbone)
    expected = network(pixels)[0].detach()
    twin = copy.deepcopy(network)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    assert torch.equal(twin(pixels)[0], expected)
    assert (network(pixels)[0] == 0).all()
