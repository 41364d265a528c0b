import math

import pytest
import torch
from torch import nn

from inference.architectures import build_classifier
from training.classifier_recipe import Optimiser, Schedule
from training.optimiser import make_optimiser, parameter_groups, rate_factor


@pytest.fixture
def network() -> nn.Module:
    return build_classifier("resnet18")


def _how(**changes: float) -> Optimiser:
    return Optimiser.model_validate(changes)


def _rates(network: nn.Module, how: Optimiser) -> dict[str, float]:
    """Parameter name -> its rate, for those that learn."""
    rate_of = {}
    for group in parameter_groups(network, how):
        members = group["params"]
        assert isinstance(members, list)
        for parameter in members:
            assert id(parameter) not in rate_of
            rate_of[id(parameter)] = group["lr"]
    return {name: float(str(rate_of[id(p)])) for name, p in network.named_parameters() if id(p) in rate_of}


def test_rates_fall_from_the_head_down_to_the_stem(network: nn.Module) -> None:
    rates = _rates(network, _how(lr=0.01, head_lr=0.05, layer_decay=0.5))
    assert len(rates) == len(list(network.parameters()))
    assert rates["label_head.weight"] == rates["waste_head.bias"] == 0.05
    path = ["layer4.1", "layer4.0", "layer3.1", "layer3.0", "layer2.1", "layer2.0", "layer1.1", "layer1.0"]
    for depth, block in enumerate(path):
        assert rates[f"backbone.{block}.conv1.weight"] == pytest.approx(0.01 * 0.5**depth)
        assert rates[f"backbone.{block}.bn2.bias"] == pytest.approx(0.01 * 0.5**depth)
    assert rates["backbone.conv1.weight"] == rates["backbone.bn1.weight"] == pytest.approx(0.01 * 0.5**8)


def test_rates_fall_with_depth_in_a_lite_network_whose_top_is_above_the_blocks() -> None:
    rates = _rates(build_classifier("efficientnet_lite0"), _how(lr=0.01, layer_decay=0.9))
    order = [
        "label_head.weight",
        "backbone.conv_head.weight",
        "backbone.blocks.6.0.conv_pw.weight",
        "backbone.blocks.5.0.conv_pw.weight",
        "backbone.blocks.0.0.conv_dw.weight",
        "backbone.conv_stem.weight",
    ]
    found = [rates[name] for name in order]
    assert found == sorted(found, reverse=True)
    assert len(set(found[1:])) == len(found) - 1


def test_frozen_blocks_get_no_gradient_and_are_in_no_group(network: nn.Module) -> None:
    rates = _rates(network, _how(lr=0.01, frozen_blocks=3))
    frozen = {name for name, p in network.named_parameters() if not p.requires_grad}
    assert frozen == {
        name
        for name, _ in network.named_parameters()
        if name.startswith(("backbone.conv1", "backbone.bn1", "backbone.layer1", "backbone.layer2.0"))
    }
    assert frozen.isdisjoint(rates)
    outputs = network(torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8))
    torch.autograd.backward(outputs[0].sum() + outputs[1].sum())
    for name, parameter in network.named_parameters():
        assert (parameter.grad is None) == (name in frozen), name


def test_nothing_is_frozen_unless_asked_for(network: nn.Module) -> None:
    parameter_groups(network, _how(lr=0.01))
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_biases_and_norms_do_not_decay(network: nn.Module) -> None:
    for group in parameter_groups(network, _how(lr=0.01, weight_decay=0.3)):
        members = group["params"]
        assert isinstance(members, list)
        assert {p.ndim > 1 for p in members} == {group["weight_decay"] == 0.3}


@pytest.mark.parametrize(("name", "kind"), [("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)])
def test_the_recipe_names_the_optimiser(network: nn.Module, name: str, kind: type) -> None:
    how = Optimiser.model_validate({"name": name, "lr": 0.01})
    assert type(make_optimiser(parameter_groups(network, how), how)) is kind


def test_a_cosine_warms_up_and_ends_at_zero() -> None:
    factor = rate_factor(Schedule.model_validate({"epochs": 10, "warmup": 0.1}), total_steps=100, steps_per_epoch=10)
    factors = [factor(step) for step in range(101)]
    assert factors[:11] == sorted(factors[:11])
    assert 0 < factors[0] < 0.2
    assert max(factors) == factors[10] == 1
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert factors[55] == pytest.approx(0.5)
    assert factors[100] == pytest.approx(0, abs=1e-12)


def test_step_lr_falls_by_gamma_every_few_epochs() -> None:
    how = Schedule.model_validate({"name": "step", "epochs": 6, "warmup": 0, "step_epochs": 2, "gamma": 0.1})
    factor = rate_factor(how, total_steps=60, steps_per_epoch=10)
    assert [factor(step) for step in (1, 19, 20, 39, 40, 59)] == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])
    assert not math.isnan(factor(0))
