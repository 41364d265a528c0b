"""Frozen batch norm without its price: the norm's scale and shift ride on the convolution before it.

A batch norm that keeps its statistics is one multiplication and one addition a channel. Applied to the weights in
every step instead of to the activations, outputs and gradients are the same (the scale and shift still learn), and
two passes over every activation are saved. On a CPU the depthwise convolutions also take another way back:
oneDNN's joint backward pass is slow in bfloat16 and, with stride 2, in float32 (EfficientNet-Lite2, 224 px, one
core: 7 photos/s trained); asking for the two gradients apart, in float32, gives 12.
"""

from typing import Any, Final

import torch
from torch import Tensor, nn

_PAIRS: Final = (
    ("conv_stem", "bn1"),
    ("conv_head", "bn2"),
)
_BLOCK_PAIRS: Final = {
    "DepthwiseSeparableConv": (("conv_dw", "bn1"), ("conv_pw", "bn2")),
    "InvertedResidual": (("conv_pw", "bn1"), ("conv_dw", "bn2"), ("conv_pwl", "bn3")),
}


class _DepthwiseConv(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: tuple[int, int], padding: tuple[int, int]
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.padding = stride, padding
        return nn.functional.conv2d(x, weight, bias, stride, padding, 1, weight.shape[0])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        grad = grads[0].float().contiguous(memory_format=torch.channels_last)
        x_needs, weight_needs, bias_needs = ctx.needs_input_grad[:3]

        def gradient(index: int, mask: list[bool]) -> Tensor:
            result: Tensor = torch.ops.aten.convolution_backward(
                grad, x.float(), weight.float(), None, list(ctx.stride), list(ctx.padding), [1, 1], False, [0, 0],
                weight.shape[0], mask,
            )[index]
            return result.to((x, weight)[index].dtype)

        return (
            gradient(0, [True, False, False]) if x_needs else None,
            gradient(1, [False, True, False]) if weight_needs else None,
            grad.sum(dim=(0, 2, 3)).to(weight.dtype) if bias_needs else None,
            None,
            None,
        )


def _same_padding(size: int, kernel: int, stride: int) -> int:
    return max((-(-size // stride) - 1) * stride + kernel - size, 0)


def _fused_forward(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
    weight = conv.weight * scale.view(-1, 1, 1, 1)
    bias = norm.bias - norm.running_mean * scale
    if torch.is_autocast_enabled(x.device.type):
        dtype = torch.get_autocast_dtype(x.device.type)
        x, weight, bias = x.to(dtype), weight.to(dtype), bias.to(dtype)
    kernel, stride = conv.kernel_size[0], conv.stride[0]
    padding = conv.padding
    if type(conv).__name__ == "Conv2dSame":  # TensorFlow's "SAME": the odd pixel goes right and below
        rows, columns = (_same_padding(size, kernel, stride) for size in x.shape[-2:])
        x = nn.functional.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        padding = (0, 0)
    if conv.groups > 1 and x.device.type == "cpu":
        result: Tensor = _DepthwiseConv.apply(x, weight, bias, conv.stride, padding)
        return result
    return nn.functional.conv2d(x, weight, bias, conv.stride, padding, 1, conv.groups)


def _fuse(conv: nn.Conv2d, norm: nn.Module) -> None:
    assert isinstance(norm, nn.BatchNorm2d)
    conv.forward = lambda x: _fused_forward(conv, norm, x)  # type: ignore[method-assign]
    # What is left of timm's norm-and-activation layer is the activation.
    norm.forward = lambda x: norm.act(norm.drop(x))  # type: ignore[method-assign]


def freeze_norms(backbone: nn.Module) -> int:
    """Make every batch norm of a timm EfficientNet a frozen, fused one, in place.

    Returns:
        How many norms were fused. Parameters keep their names, so weights save and load as before.
    """
    fused = 0
    for module in backbone.modules():
        pairs = _PAIRS if module is backbone else _BLOCK_PAIRS.get(type(module).__name__, ())
        for conv, norm in pairs:
            _fuse(getattr(module, conv), getattr(module, norm))
            fused += 1
    return fused
