"""Depthwise convolutions that train fast on a CPU.

oneDNN's joint backward pass of a depthwise convolution is slow in bfloat16 and, with stride 2, in float32 too
(EfficientNet-Lite2 at 224 px on one core: 7 photos/s trained). Asking for the two gradients separately, in
float32, gives 12; the forward pass stays in bfloat16. A GPU needs none of this.
"""

from typing import Any

import torch
from torch import Tensor, nn


class _DepthwiseConv(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, stride: tuple[int, int], padding: tuple[int, int]
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.padding = stride, padding
        return nn.functional.conv2d(x, weight, None, stride, padding, 1, weight.shape[0])

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        grad = grad_outputs[0].float().contiguous(memory_format=torch.channels_last)

        def gradient(index: int, mask: list[bool]) -> Tensor | None:
            if not ctx.needs_input_grad[index]:
                return None
            result: Tensor = torch.ops.aten.convolution_backward(
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
            )[index]
            return result.to((x, weight)[index].dtype)

        return gradient(0, [True, False, False]), gradient(1, [False, True, False]), None, None


def _same_padding(size: int, kernel: int, stride: int) -> int:
    return max((-(-size // stride) - 1) * stride + kernel - size, 0)


def _forward(self: nn.Conv2d, x: Tensor) -> Tensor:
    kernel, stride = self.kernel_size[0], self.stride[0]
    padding = self.padding
    if type(self).__name__ == "Conv2dSame":  # TensorFlow's "SAME": the odd pixel goes right and below
        rows, columns = (_same_padding(size, kernel, stride) for size in x.shape[-2:])
        x = nn.functional.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        padding = (0, 0)
    weight = self.weight
    if torch.is_autocast_enabled("cpu"):
        dtype = torch.get_autocast_dtype("cpu")
        x, weight = x.to(dtype), weight.to(dtype)
    result: Tensor = _DepthwiseConv.apply(x, weight, self.stride, padding)
    return result


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
            module.forward = _forward.__get__(module)  # type: ignore[method-assign]
            changed += 1
    return changed
