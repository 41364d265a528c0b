"""Pictures side by side, to look at: a row for each label."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from inference.generator_network import Generator
from inference.labels import LABELS
from training.gan.latents import drawn_latents


@torch.no_grad()
def grid_of(generator: Generator, columns: int, strength: float = 1.0, seed: int = 1) -> Tensor:
    """(12 * columns, 3, side, side) in [-1, 1], row by row; the same latents in each row."""
    latents = drawn_latents(columns, torch.Generator().manual_seed(seed))
    rows = [generator(latents, torch.full((columns,), label), strength) for label in range(len(LABELS))]
    return torch.cat(rows)


def save_grid(pictures: Tensor, columns: int, file: Path) -> None:
    """Write a JPEG."""
    count, _, side, _ = pictures.shape
    levels = ((pictures.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    rows = levels.reshape(count // columns, columns, side, side, 3)
    sheet = np.ascontiguousarray(rows.transpose(0, 2, 1, 3, 4)).reshape(count // columns * side, columns * side, 3)
    Image.fromarray(sheet).save(file, quality=90)
