"""Frozen batch norm without its price: the norm's scale and shift ride on the convolution before it.

A batch norm that keeps its statistics is one multiplication and one addition a channel. Applied to the weights
in every step instead of to the activations, outputs and gradients are the same (the scale and shift still
learn), and two passes over every activation are saved. On a CPU the depthwise convolutions also take the fast
way back of ``training.depthwise``.
"""

from functools import partial
from typing import Final

from torch import Tensor, nn

from training.depthwise import autocast_dtype, depthwise_conv2d, with_own_padding

_PAIRS: Final = (
    ("conv_stem", "bn1"),
    ("conv_head", "bn2"),
)
_BLOCK_PAIRS: Final = {
    "DepthwiseSeparableConv": (("conv_dw", "bn1"), ("conv_pw", "bn2")),
    "InvertedResidual": (("conv_pw", "bn1"), ("conv_dw", "bn2"), ("conv_pwl", "bn3")),
}


def _convolved_and_normed(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
    dtype = autocast_dtype(x)
    weight = (conv.weight * scale.view(-1, 1, 1, 1)).to(dtype)
    bias = (norm.bias - norm.running_mean * scale).to(dtype)
    padded, padding = with_own_padding(conv, x.to(dtype))
    if conv.groups > 1 and x.device.type == "cpu":
        return depthwise_conv2d(padded, weight, bias, conv.stride, padding)
    return nn.functional.conv2d(padded, weight, bias, conv.stride, padding, 1, conv.groups)


def _activated(norm: nn.Module, x: Tensor) -> Tensor:
    # What is left of timm's norm-and-activation layer is the activation.
    activated: Tensor = norm.get_submodule("act")(norm.get_submodule("drop")(x))
    return activated


def freeze_norms(backbone: nn.Module) -> int:
    """Make every batch norm of a timm EfficientNet a frozen, fused one, in place.

    Returns:
        How many norms were fused. Parameters keep their names, so weights save and load as before.

    """
    fused = 0
    for module in backbone.modules():
        pairs = _PAIRS if module is backbone else _BLOCK_PAIRS.get(type(module).__name__, ())
        for conv_name, norm_name in pairs:
            conv, norm = module.get_submodule(conv_name), module.get_submodule(norm_name)
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            # Partials and no closures: a deep copy of the network must use its own weights.
            vars(conv)["forward"] = partial(_convolved_and_normed, conv, norm)
            vars(norm)["forward"] = partial(_activated, norm)
            fused += 1
    return fused
