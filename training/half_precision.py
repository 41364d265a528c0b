"""In what numbers a network computes while it is trained or measured."""

import torch


def half_where_fast(device: str) -> torch.autocast:
    """The context of a forward pass: bfloat16 on a card, and on a processor that computes in it; else float32.

    A processor without AVX512-BF16 only imitates bfloat16, ten times slower than float32.
    """
    computes = device != "cpu" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device, torch.bfloat16, enabled=computes)
