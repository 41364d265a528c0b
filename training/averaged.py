"""Weight averaging: the network that is kept is the running mean of the one that learns."""

import copy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


class AveragedNetwork(Generic[Network]):
    """Exponential moving average of everything the network learns (Polyak & Juditsky 1992).

    Attributes:
        network: the average, on the device of the network it follows.
        updates: how many it has seen; early ones count more, so that the start is forgotten.

    """

    def __init__(self, network: Network, decay: float) -> None:
        self.network = copy.deepcopy(network)
        self.updates = 0
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move towards the network by one step."""
        self.updates += 1
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates))
        _blend(self.network.state_dict(), network.state_dict(), 1 - decay)

    @torch.no_grad()
    def mix_in(self, state: dict[str, Tensor], share: float) -> None:
        """Average these weights in at the given share, in [0, 1]; counters stay."""
        floating = {name: value for name, value in state.items() if value.is_floating_point()}
        _blend(self.network.state_dict(), floating, share)


def _blend(into: dict[str, Tensor], other: dict[str, Tensor], share: float) -> None:
    for name, value in other.items():
        if value.is_floating_point():
            into[name].lerp_(value.to(into[name].dtype), share)
        else:
            into[name].copy_(value)
