"""The networks that are compared, from torchvision, each with a head of the task's size."""

from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.error import URLError

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name)

from training.data_recipe import DataError

Name = Literal["efficientnet_b0", "resnet50", "densenet201", "swin_t", "alexnet", "resnet18"]
NAMES: Final[tuple[Name, ...]] = get_args(Name)

Init = Literal["scratch", "imagenet"]

_MEAN: Final = (0.485, 0.456, 0.406)
_DEVIATION: Final = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Architecture:
    """What differs between torchvision's networks.

    Attributes:
        head: where the last layer is; only the ResNets call it ``fc``.
        least_side: below which its layers run out of pixels.

    """

    head: str
    least_side: int


ARCHITECTURES: Final[dict[Name, Architecture]] = {
    "efficientnet_b0": Architecture("classifier.1", 32),
    "resnet50": Architecture("fc", 32),
    "densenet201": Architecture("classifier", 32),
    "swin_t": Architecture("head", 32),
    "alexnet": Architecture("classifier.6", 63),
    "resnet18": Architecture("fc", 32),
}


class TaskNetwork(nn.Module):
    """A network of torchvision's, with its scaling of sizes and values in front of it."""

    _mean: Tensor
    _deviation: Tensor

    def __init__(self, body: nn.Module, side: int) -> None:
        super().__init__()
        self.body = body
        self._side = side
        self.register_buffer("_mean", torch.tensor(_MEAN).view(1, 3, 1, 1) * 255, persistent=False)
        self.register_buffer("_deviation", torch.tensor(_DEVIATION).view(1, 3, 1, 1) * 255, persistent=False)

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
        init: ``imagenet`` downloads torchvision's weights, ``scratch`` draws them from torch's generator.
        side: at which the network sees pictures, in pixels.

    Raises:
        DataError: the side is too small, or the weights cannot be had.

    """
    known = ARCHITECTURES[name]
    if side < known.least_side:
        raise DataError(f"{name} needs pictures of at least {known.least_side} px, not {side}")
    if init == "scratch":
        return TaskNetwork(torchvision.models.get_model(name, weights=None, num_classes=classes), side)
    body = body_for_imagenet(name, init)
    _replace(body, known.head, nn.Linear(head_of(body, name).in_features, classes))
    return TaskNetwork(body, side)


def body_for_imagenet(name: Name, init: Init) -> nn.Module:
    """Torchvision's network as it is, with its 1000 classes.

    Raises:
        DataError: the weights of ``imagenet`` cannot be downloaded.

    """
    try:
        body: nn.Module = torchvision.models.get_model(name, weights="DEFAULT" if init == "imagenet" else None)
    except (URLError, OSError, RuntimeError) as error:
        raise DataError(f"the ImageNet weights of {name} cannot be downloaded ({error}); use --init scratch") from error
    return body


def head_of(body: nn.Module, name: Name) -> nn.Linear:
    """The last layer of a torchvision network of this name."""
    head = body.get_submodule(ARCHITECTURES[name].head)
    assert isinstance(head, nn.Linear)
    return head


def _replace(body: nn.Module, path: str, layer: nn.Module) -> None:
    owner, _, name = path.rpartition(".")
    setattr(body.get_submodule(owner), name, layer)


def parameter_count(network: nn.Module) -> int:
    """How many numbers the network learns."""
    return sum(each.numel() for each in network.parameters())
