"""Parameter groups, optimisers and schedules, from a recipe."""

import math
import re
from collections.abc import Callable

import torch
from torch import nn

from training.classifier_recipe import Optimiser, Schedule

_BLOCK = re.compile(r"backbone\.(?:blocks\.\d+\.\d+|layer\d+\.\d+)\.")
_STEM = re.compile(r"backbone\.(?:conv_stem|conv1|bn1)\.")
_HEADS = ("label_head.", "waste_head.")


def _unit(name: str) -> str:
    """The block a parameter belongs to, "stem" below all blocks, "top" above them."""
    block = _BLOCK.match(name)
    if block:
        return block.group()
    return "stem" if _STEM.match(name) else "top"


def parameter_groups(network: nn.Module, how: Optimiser) -> list[dict[str, object]]:
    """Groups with a rate by depth and no weight decay on biases and norms; frozen blocks get no gradient.

    ``frozen_blocks = n > 0`` freezes the stem and the first n blocks, in place.
    """
    names = [name for name, _ in network.named_parameters() if not name.startswith(_HEADS)]
    units = list(dict.fromkeys(_unit(name) for name in names))
    units.sort(key=lambda unit: (unit != "stem", unit == "top"))
    depth = {unit: place for place, unit in enumerate(units)}
    groups: dict[tuple[float, bool], dict[str, object]] = {}
    for name, parameter in network.named_parameters():
        if name.startswith(_HEADS):
            lr = how.head_lr if how.head_lr is not None else how.lr
        else:
            place = depth[_unit(name)]
            parameter.requires_grad_(not (how.frozen_blocks and place <= how.frozen_blocks))
            lr = how.lr * how.layer_decay ** (len(units) - 1 - place)
        if not parameter.requires_grad:
            continue
        decays = parameter.ndim > 1
        group = groups.setdefault(
            (lr, decays), {"params": [], "lr": lr, "weight_decay": how.weight_decay if decays else 0.0}
        )
        members = group["params"]
        assert isinstance(members, list)
        members.append(parameter)
    return list(groups.values())


def make_optimiser(groups: list[dict[str, object]], how: Optimiser) -> torch.optim.Optimizer:
    """AdamW, or SGD with Nesterov momentum 0.9."""
    if how.name == "adamw":
        return torch.optim.AdamW(groups, lr=how.lr, fused=True)
    return torch.optim.SGD(groups, lr=how.lr, momentum=0.9, nesterov=True)


def rate_factor(how: Schedule, total_steps: int, steps_per_epoch: int) -> Callable[[int], float]:
    """Step -> factor in [0, 1] on every group's rate."""
    warmup = max(1, round(how.warmup * total_steps))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        if how.name == "step":
            return float(how.gamma ** (step // (how.step_epochs * steps_per_epoch)))
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, total_steps - warmup))))

    return factor
