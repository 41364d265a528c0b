"""The generator that is kept: a running mean of the one that learns."""

import copy

import torch
from torch import nn

from inference.generator_network import Generator
from training.gan.latents import drawn_inputs

_BATCH = 64


class AveragedGenerator:
    """Exponential moving average of the generator's weights, with a half-life in pictures.

    Attributes:
        network: the average; its norms hold the statistics of the learning generator until ``standing`` is called.

    """

    def __init__(self, network: Generator, half_life: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False)
        self._half_life = half_life

    @torch.no_grad()
    def update(self, network: Generator, batch: int, seen: int | None) -> None:
        """Move towards the network, which has seen so many pictures since its random start, by one batch of them.

        ``seen`` is None where the start was not random.
        """
        # Early on a shorter half-life, so that the random start is soon forgotten.
        half_life = self._half_life if seen is None else min(self._half_life, max(1.0, seen * 0.05))
        share = 1 - 0.5 ** (batch / half_life)
        mine = dict(self.network.named_parameters())
        for name, value in network.named_parameters():
            mine[name].lerp_(value, share)
        buffers = dict(self.network.named_buffers())
        for name, buffer in network.named_buffers():
            buffers[name].copy_(buffer)

    @torch.no_grad()
    def standing(self, strength: float, batches: int = 16) -> Generator:
        """A copy in evaluation mode whose norms hold statistics of its own pictures (Brock et al. 2019, "BigGAN")."""
        settled = copy.deepcopy(self.network)
        norms = [module for module in settled.modules() if isinstance(module, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean over all batches
        settled.train()
        device = next(settled.parameters()).device
        source = torch.Generator().manual_seed(0)
        for _ in range(batches):
            latents, labels = drawn_inputs(_BATCH, source)
            settled(latents.to(device), labels.to(device), strength)
        return settled.eval()
