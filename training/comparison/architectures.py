"""The networks that are compared, each with a head of the task's size. All but the Lite0 are torchvision's."""

from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.error import URLError

import timm
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name)

from training.data_recipe import DataError
from training.initial_weights import load_by_order, package_weights

Name = Literal["efficientnet_b0", "resnet50", "densenet201", "swin_t", "alexnet", "resnet18", "efficientnet_lite0"]
NAMES: Final[tuple[Name, ...]] = get_args(Name)

Init = Literal["scratch", "imagenet", "package"]

PACKAGED: Final[tuple[Name, ...]] = ("efficientnet_lite0",)
"""Those whose ImageNet weights a package of the registry brings: a start without another download."""

COMPARED: Final[tuple[Name, ...]] = tuple(name for name in NAMES if name not in PACKAGED)
"""What a recipe compares that names none."""

Levels = tuple[tuple[float, float, float], tuple[float, float, float]]

_IMAGENET: Final[Levels] = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_SIGNED: Final[Levels] = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""Mean and deviation by channel, of 1, that the published weights of each family were trained with."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """What differs between the networks.

    Attributes:
        head: where the last layer is; only the ResNets call it ``fc``.
        least_side: below which its layers run out of pixels.
        levels: of the pixels it is given.

    """

    head: str
    least_side: int
    levels: Levels = _IMAGENET


ARCHITECTURES: Final[dict[Name, Architecture]] = {
    "efficientnet_b0": Architecture("classifier.1", 32),
    "resnet50": Architecture("fc", 32),
    "densenet201": Architecture("classifier", 32),
    "swin_t": Architecture("head", 32),
    "alexnet": Architecture("classifier.6", 63),
    "resnet18": Architecture("fc", 32),
    "efficientnet_lite0": Architecture("classifier", 32, _SIGNED),
}


class TaskNetwork(nn.Module):
    """A network with its scaling of sizes and values in front of it."""

    _mean: Tensor
    _deviation: Tensor

    def __init__(self, body: nn.Module, side: int, levels: Levels) -> None:
        super().__init__()
        mean, deviation = levels
        self.body = body
        self._side = side
        self.register_buffer("_mean", torch.tensor(mean).view(1, 3, 1, 1) * 255, persistent=False)
        self.register_buffer("_deviation", torch.tensor(deviation).view(1, 3, 1, 1) * 255, persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits of pictures.

        Args:
            pixels: (B, 3, S, S) float32 in [0, 255], scaled to the network's side where S is another.

        Returns:
            (B, classes).

        """
        views = (pixels - self._mean) / self._deviation
        if views.shape[-1] != self._side:
            smaller = views.shape[-1] > self._side
            views = F.interpolate(views, size=self._side, mode="bilinear", antialias=smaller)
        logits: Tensor = self.body(views)
        return logits


def build_network(name: Name, classes: int, init: Init, side: int) -> TaskNetwork:
    """A network with the right head: ``classes`` wide, and new.

    Args:
        name: of the architecture.
        classes: of the task.
        init: ``imagenet`` downloads torchvision's weights, ``package`` takes those of an installed package (for one of
            ``PACKAGED``), ``scratch`` draws them from torch's generator.
        side: at which the network sees pictures, in pixels.

    Raises:
        DataError: the side is too small, or the weights cannot be had.

    """
    known = ARCHITECTURES[name]
    check_side(name, side)
    if init == "scratch":
        return TaskNetwork(_drawn(name, classes), side, known.levels)
    if init == "package":
        if name not in PACKAGED:
            raise DataError(f"no package holds ImageNet weights of {name}, only of {', '.join(PACKAGED)}")
        headless, body = _drawn(name, 0), _drawn(name, classes)
        load_by_order(headless, package_weights(name))
        # The head is not among them, and stays as it was drawn.
        body.load_state_dict(headless.state_dict(), strict=False)
        return TaskNetwork(body, side, known.levels)
    body = body_for_imagenet(name, init)
    _replace(body, known.head, nn.Linear(head_of(body, name).in_features, classes))
    return TaskNetwork(body, side, known.levels)


def check_side(name: Name, side: int) -> None:
    """Whether a network can see anything at this side.

    Raises:
        DataError: it is too small.

    """
    if side < ARCHITECTURES[name].least_side:
        raise DataError(f"{name} needs pictures of at least {ARCHITECTURES[name].least_side} px, not {side}")


def _drawn(name: Name, classes: int) -> nn.Module:
    """The body with random weights; without a head where there are no classes, which only timm's can."""
    if name == "efficientnet_lite0":
        body: nn.Module = timm.create_model(f"tf_{name}", pretrained=False, num_classes=classes)
        return body
    plain: nn.Module = torchvision.models.get_model(name, weights=None, num_classes=classes)
    return plain


def body_for_imagenet(name: Name, init: Init) -> nn.Module:
    """The network as it is published, with its 1000 classes.

    Raises:
        DataError: the weights of ``imagenet`` cannot be downloaded, or torchvision has none.

    """
    if init != "imagenet":
        return _drawn(name, 1000)
    if name in PACKAGED:
        raise DataError(f"torchvision has no ImageNet weights of {name}; a setting with init: package has")
    try:
        body: nn.Module = torchvision.models.get_model(name, weights="DEFAULT")
    except (URLError, OSError, RuntimeError) as error:
        raise DataError(f"the ImageNet weights of {name} cannot be downloaded ({error}); use --init scratch") from error
    return body


def head_of(body: nn.Module, name: Name) -> nn.Linear:
    """The last layer of a network of this name."""
    head = body.get_submodule(ARCHITECTURES[name].head)
    assert isinstance(head, nn.Linear)
    return head


def _replace(body: nn.Module, path: str, layer: nn.Module) -> None:
    owner, _, name = path.rpartition(".")
    setattr(body.get_submodule(owner), name, layer)


def parameter_count(network: nn.Module) -> int:
    """How many numbers the network learns."""
    return sum(each.numel() for each in network.parameters())
