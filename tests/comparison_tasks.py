"""A tiny task of drawn pictures, and recipes for it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.tiny_photos import scene, write_photo
from training.comparison.recipe import TaskRecipe

COLOURS = {"blue": (60, 60, 200), "green": (60, 200, 60), "red": (200, 60, 60)}


def draw_task(root: Path, per_label: int = 20, side: int = 64) -> Path:
    """Draw ``task/<label>_<number>.png``, a colour a label, and return the data root."""
    for place, (label, colour) in enumerate(COLOURS.items()):
        for number in range(per_label):
            grain = scene(1_000 * place + number, side, side).astype(np.float32) - 128
            pixels = (np.array(colour) + 0.5 * grain).clip(0, 255).astype(np.uint8)
            write_photo(root, f"task/{label}_{number}.png", pixels)
    return root


def write_boxes(root: Path, boxes: list[Any]) -> Path:
    """Write the annotations of the task."""
    file = root / "task" / "boxes.json"
    file.write_text(json.dumps(boxes), "utf-8")
    return file


def document(**changes: Any) -> dict[str, Any]:
    """A recipe as it stands in a file."""
    return {
        "name": "tiny",
        "title": "Three colours",
        "photos": {"folder": "task", "pattern": "*.png"},
        "labels": {"by": "name", "pattern": r"(?P<colour>[a-z]+)_\d+"},
        "steps": [{"step": "resize_keep_aspect", "side": 32}],
        "architectures": ["resnet18"],
        "batch": 16,
        "search": {"rates": [1e-3], "rungs": [{"epochs": 1, "keep": 1}]},
        "settings": [{"name": "cosine", "schedule": {"name": "cosine", "epochs": 1}}],
        **changes,
    }


def recipe(**changes: Any) -> TaskRecipe:
    """The same, read."""
    return TaskRecipe.model_validate(document(**changes))


def write_recipe(folder: Path, **changes: Any) -> Path:
    """The same, as a file."""
    file = folder / "tiny.yaml"
    file.write_text(yaml.safe_dump(document(**changes)), "utf-8")
    return file
