"""What a generator is given while it learns and is measured: latents on the sphere, and labels."""

import math

import torch
from torch import Tensor

from inference.generator_network import LATENT
from inference.labels import LABELS


def drawn_latents(count: int, source: torch.Generator | None = None) -> Tensor:
    """(count, 128) of length sqrt(128): directions alone tell pictures apart."""
    return torch.nn.functional.normalize(torch.randn(count, LATENT, generator=source), dim=1) * math.sqrt(LATENT)


def drawn_inputs(count: int, source: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """Latents (count, 128) and labels (count,), each as likely as any other."""
    latents = drawn_latents(count, source)
    return latents, torch.randint(len(LABELS), (count,), generator=source)
