"""What a network says of pictures, in evaluation mode: dropout off, batch norms with what they have learned."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name)

from training.comparison.views import as_floats

_BATCH = 128


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """(N, K) float32 logits, on the CPU."""

    logits: Tensor

    @property
    def predicted(self) -> Tensor:
        """(N,) the likeliest columns."""
        return self.logits.argmax(dim=1)

    def accuracy(self, labels: Tensor) -> float:
        """Share of pictures whose likeliest column is their label's."""
        return float((self.predicted == labels).double().mean())

    def loss(self, labels: Tensor) -> float:
        """Mean cross-entropy, in nats."""
        return float(F.cross_entropy(self.logits.double(), labels))


@torch.inference_mode()
def answers_of(network: nn.Module, pixels: Tensor, *, mirror: bool, half: bool) -> Answers:
    """Ask a network; its mode is put back afterwards.

    Args:
        network: on the device of the pixels.
        pixels: (N, S, S, 3) uint8.
        mirror: the mean of the log-probabilities of the picture and of its mirror image.
        half: bfloat16 where the network allows it.

    """
    was_training = network.training
    network.eval()
    logits = []
    for some in torch.split(pixels, _BATCH):
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=half):
            views = as_floats(some)
            said = network(views).float()
            if mirror:
                said = (said.log_softmax(1) + network(views.flip(3)).float().log_softmax(1)) / 2
        logits.append(said.cpu())
    network.train(was_training)
    return Answers(torch.cat(logits))
