"""The teacher of a distillation: one trained classifier, or the mean of several."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's own name)

from inference.manifest import MANIFEST_NAME
from training.classifier_recipe import load_classifier_recipe
from training.half_precision import half_where_fast
from training.initial_weights import starting_network


def _architecture_of(folder: Path) -> str:
    """Of a run, or of a folder in ``weights/``; both hold ``model.safetensors``."""
    manifest = folder / MANIFEST_NAME
    if manifest.is_file():
        architecture: str = json.loads(manifest.read_text("utf-8"))["architecture"]
        return architecture
    return load_classifier_recipe(str(folder / "recipe.yaml")).architecture


class Teacher:
    """Answers, in logits, on the views that the student sees."""

    def __init__(self, runs: Sequence[str], side: int, device: str) -> None:
        """Load the networks of finished (or still running) training runs.

        Raises:
            DataError: a run has no weights yet.

        """
        self._side, self._device = side, device
        architectures = [_architecture_of(Path(run)) for run in runs]
        self._networks = [
            starting_network(architecture, f"run:{run}").to(device).eval()
            for architecture, run in zip(architectures, runs, strict=True)
        ]

    @torch.inference_mode()
    def __call__(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean log-probabilities over the teachers, (B, 12), and mean waste logits, (B,), both float32.

        Args:
            pixels: (B, S, S, 3) uint8 of any S.

        """
        seen = resize_batch(pixels, self._side)
        with half_where_fast(self._device):
            answers = [network(seen) for network in self._networks]
        labels = torch.stack([label.float().log_softmax(dim=1) for label, _ in answers]).mean(dim=0)
        return labels, torch.stack([waste.float() for _, waste in answers]).mean(dim=0)


def resize_batch(pixels: Tensor, side: int) -> Tensor:
    """(B, S, S, 3) uint8 -> (B, side, side, 3) uint8, antialiased; the same tensor when S is ``side``."""
    if pixels.shape[1] == side:
        return pixels
    planes = pixels.permute(0, 3, 1, 2).float()
    scaled = F.interpolate(planes, size=(side, side), mode="bilinear", antialias=True, align_corners=False)
    return scaled.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
