"""Depthwise convolutions that train fast on a CPU.

oneDNN's joint backward pass of a depthwise convolution is slow in bfloat16 and, with stride 2, in float32 too.
Asking for the two gradients separately, in float32, is much faster; the forward pass stays in bfloat16. A GPU needs
none of this.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn


class _DepthwiseConv(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
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
            results = torch.ops.aten.convolution_backward(
                grad,
                x.float(),
                weight.float(),
                None,
                list(ctx.stride),
                list(ctx.padding),
                [1, 1],
                False,
                [0, 0],
                weight.shape[0],
                mask,
            )
            result: Tensor = results[index]
            return result.to((x, weight)[index].dtype)

        return (
            gradient(0, [True, False, False]) if x_needs else None,
            gradient(1, [False, True, False]) if weight_needs else None,
            grad.sum(dim=(0, 2, 3)).to(weight.dtype) if bias_needs else None,
            None,
            None,
        )


def depthwise_conv2d(
    x: Tensor, weight: Tensor, bias: Tensor | None, stride: tuple[int, ...], padding: tuple[int, ...]
) -> Tensor:
    """``conv2d`` with one filter a channel, and the fast backward pass.

    Args:
        x: (N, C, H, W).
        weight: (C, 1, k, k), of the same dtype.
        bias: (C,) of the same dtype, or None.
        stride: two numbers.
        padding: two numbers, zeros on both sides.

    """
    result: Tensor = _DepthwiseConv.apply(x, weight, bias, stride, padding)
    return result


def with_own_padding(conv: nn.Conv2d, x: Tensor) -> tuple[Tensor, tuple[int, ...]]:
    """The input and the padding for ``conv2d``; TensorFlow's "SAME" (timm's Conv2dSame) is put on the input."""
    if type(conv).__name__ != "Conv2dSame":
        assert not isinstance(conv.padding, str)
        return x, conv.padding
    # The odd pixel goes right and below.
    rows, columns = (_same(size, conv.kernel_size[0], conv.stride[0]) for size in x.shape[-2:])
    return nn.functional.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2]), (0, 0)


def _same(size: int, kernel: int, stride: int) -> int:
    return max((-(-size // stride) - 1) * stride + kernel - size, 0)


def autocast_dtype(x: Tensor) -> torch.dtype:
    """What a convolution of ``x`` is to be computed in, here and now."""
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype


def _forward(conv: nn.Conv2d, x: Tensor) -> Tensor:
    dtype = autocast_dtype(x)
    padded, padding = with_own_padding(conv, x)
    return depthwise_conv2d(padded.to(dtype), conv.weight.to(dtype), None, conv.stride, padding)


def _is_plain_depthwise(conv: nn.Conv2d) -> bool:
    depthwise = conv.groups == conv.in_channels == conv.out_channels > 1
    square = conv.kernel_size[0] == conv.kernel_size[1] and conv.stride[0] == conv.stride[1]
    plain = conv.bias is None and conv.dilation == (1, 1) and not isinstance(conv.padding, str)
    return depthwise and square and plain and conv.padding_mode == "zeros"


def speed_up_depthwise(network: nn.Module) -> int:
    """Give every depthwise convolution of the network the fast backward pass, in place.

    Returns:
        How many convolutions were changed. Outputs and gradients stay the same up to rounding.

    """
    changed = 0
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and _is_plain_depthwise(module):
            # A partial and no closure: a deep copy of the network must use its own weights.
            vars(module)["forward"] = partial(_forward, module)
            changed += 1
    return changed
