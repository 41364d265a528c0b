import copy
import warnings

import pytest
import torch
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn

from inference.architectures import WasteClassifier, build_classifier
from training.depthwise import speed_up_depthwise


def _depthwise(kernel: int, stride: int, same: bool) -> nn.Conv2d:
    torch.manual_seed(0)
    if same:
        conv = Conv2dSame(8, 8, kernel, stride, groups=8, bias=False)
        assert isinstance(conv, nn.Conv2d)
        return conv
    return nn.Conv2d(8, 8, kernel, stride, padding=kernel // 2, groups=8, bias=False)


def _gradients(conv: nn.Module, x: Tensor, autocast: bool) -> tuple[Tensor, Tensor, Tensor]:
    x = x.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        y = conv(x)
    torch.autograd.backward((y.float() ** 2).sum())
    [weight] = conv.parameters()
    assert x.grad is not None
    assert weight.grad is not None
    return y.float(), x.grad, weight.grad


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("size", [(15, 15), (16, 11)])
def test_outputs_and_gradients_stay_the_same(kernel: int, stride: int, same: bool, size: tuple[int, int]) -> None:
    plain = _depthwise(kernel, stride, same)
    fast = copy.deepcopy(plain)
    assert speed_up_depthwise(fast) == 1
    x = torch.randn(2, 8, *size, generator=torch.Generator().manual_seed(1))
    for mine, theirs in zip(_gradients(fast, x, False), _gradients(plain, x, False), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)


def test_in_bfloat16_the_difference_is_rounding() -> None:
    plain = _depthwise(3, 2, same=True)
    fast = copy.deepcopy(plain)
    speed_up_depthwise(fast)
    x = torch.randn(2, 8, 16, 16, generator=torch.Generator().manual_seed(1))
    for mine, exact in zip(_gradients(fast, x, True), _gradients(plain, x, False), strict=True):
        assert (mine - exact).norm() < 0.02 * exact.norm()


def test_a_whole_lite_network_answers_and_learns_as_before() -> None:
    torch.manual_seed(0)
    plain = build_classifier("efficientnet_lite0")
    fast = copy.deepcopy(plain)
    assert speed_up_depthwise(fast) == 16
    pixels = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    for network in (plain, fast):
        labels, waste = network(pixels)
        torch.autograd.backward(labels.square().sum() + waste.square().sum())
    torch.testing.assert_close(fast(pixels), plain(pixels), rtol=1e-4, atol=1e-5)
    for (name, mine), theirs in zip(fast.named_parameters(), plain.parameters(), strict=True):
        assert mine.grad is not None
        assert theirs.grad is not None
        difference = (mine.grad - theirs.grad).norm()
        assert difference <= 1e-3 * theirs.grad.norm() + 1e-6, name


def test_a_copy_of_a_fast_network_uses_its_own_weights() -> None:
    network = WasteClassifier("efficientnet_lite0").eval()
    speed_up_depthwise(network)
    twin = copy.deepcopy(network)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    pixels = torch.randint(0, 256, (1, 32, 32, 3), dtype=torch.uint8)
    assert (network(pixels)[0] == 0).all()
    assert (twin(pixels)[0] != 0).any()


def test_convolutions_of_another_kind_are_left_alone() -> None:
    others = nn.Sequential(
        nn.Conv2d(8, 8, 3),
        nn.Conv2d(8, 16, 3, groups=8, bias=False),
        nn.Conv2d(8, 8, 3, groups=8, bias=True),
        nn.Conv2d(8, 8, 3, groups=8, bias=False, dilation=2),
        nn.Conv2d(8, 8, (3, 1), groups=8, bias=False),
        nn.Conv2d(8, 8, 3, groups=8, bias=False, padding="same"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert speed_up_depthwise(others) == 0
