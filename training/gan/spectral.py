"""Spectral normalisation of a generator while it learns (Miyato et al. 2018); what serves it needs none of it."""

import copy

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from inference.generator_network import Generator


def normalised(generator: Generator) -> Generator:
    """The same network, each convolution but those of the gates divided by its largest singular value; in place."""
    for name, module in generator.named_modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and not name.startswith("gates."):
            spectral_norm(module)
    return generator


def baked(generator: Generator) -> Generator:
    """Another in evaluation mode with plain weights, which makes the same pictures."""
    settled = copy.deepcopy(generator).eval()
    plain = Generator(generator.side, generator.base_channels).eval()
    state = plain.state_dict()
    for name in state:
        place, _, what = name.rpartition(".")
        state[name] = getattr(settled.get_submodule(place), what).detach().clone()
    plain.load_state_dict(state)
    return plain.requires_grad_(False)
