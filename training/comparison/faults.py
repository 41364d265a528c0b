"""The faults that may lie behind the predecessor's figures, built on purpose.

Its code is lost. Each of these is a slip that gives no error where the network is built.
"""

from typing import Final, Literal

from torch import nn

from training.comparison.architectures import ARCHITECTURES, Init, Name, TaskNetwork, body_for_imagenet, head_of

Fault = Literal["none", "fc_replaced", "fc_replaced_rest_frozen", "body_frozen"]

MEANING: Final[dict[Fault, str]] = {
    "none": "the right head, every layer learns",
    "fc_replaced": "`network.fc = Linear(...)` on every architecture, whatever its head is called",
    "fc_replaced_rest_frozen": "the same, and every layer but `fc` frozen",
    "body_frozen": "the right head; no other layer learns, but norms still follow the pictures",
}


def faulty_network(name: Name, classes: int, init: Init, side: int, fault: Fault) -> TaskNetwork:
    """Build a network as somebody would who takes each for a ResNet; for ``body_frozen`` see ``freeze_body``.

    ``fc_replaced`` sets an attribute ``fc``: the head of a ResNet, and of any other network a layer that its
    ``forward`` never calls, beside the head for ImageNet's 1000 classes.

    Raises:
        DataError: the weights of ``imagenet`` cannot be downloaded.

    """
    body = body_for_imagenet(name, init)
    body.fc = nn.Linear(head_of(body, name).in_features, classes)
    if fault == "fc_replaced_rest_frozen":
        for key, parameter in body.named_parameters():
            parameter.requires_grad_(key.startswith("fc."))
    return TaskNetwork(body, side, ARCHITECTURES[name].levels)


def freeze_body(network: TaskNetwork, name: Name) -> None:
    """Leave only the head to learn."""
    network.requires_grad_(False)
    head_of(network.body, name).requires_grad_(True)
