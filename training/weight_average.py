"""The mean of several runs' weights: one network, no slower, often better on strangers' photos.

Runs must share their starting weights (Wortsman et al. 2022, "Model soups"; and with the start itself, WiSE-FT).
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import yaml
from safetensors.torch import load_file, save_file
from torch import Tensor

from training.classifier_recipe import load_classifier_recipe
from training.data_recipe import DataError


def average_runs(runs: Sequence[Path], shares: Sequence[float], out: Path) -> Path:
    """Write a run folder whose weights are the weighted mean of these runs' weights.

    Args:
        runs: run folders of one architecture, two or more.
        shares: one positive number a run; they are scaled to sum to 1.
        out: the new run folder.

    Returns:
        The path of the new weights.

    Raises:
        DataError: the runs do not fit together.

    """
    recipes = [load_classifier_recipe(str(run / "recipe.yaml")) for run in runs]
    if len({(recipe.architecture, recipe.side, recipe.fit) for recipe in recipes}) != 1:
        raise DataError("only runs of one architecture, input side and fit can be averaged")
    if len(shares) != len(runs) or min(shares) <= 0:
        raise DataError("give one positive share for each run")
    states = [load_file(run / "model.safetensors") for run in runs]
    parts = [share / sum(shares) for share in shares]

    def mean(name: str) -> Tensor:
        stacked = torch.stack([part * state[name].float() for part, state in zip(parts, states, strict=True)])
        return stacked.sum(dim=0).to(states[0][name].dtype)

    out.mkdir(parents=True, exist_ok=True)
    save_file({name: mean(name) for name in states[0]}, out / "model.safetensors")
    record = recipes[0].model_dump(mode="json") | {"name": out.name}
    (out / "recipe.yaml").write_text(yaml.safe_dump(record, sort_keys=False), "utf-8")
    made_of = [{"run": str(run), "share": part} for run, part in zip(runs, parts, strict=True)]
    (out / "average.yaml").write_text(yaml.safe_dump(made_of, sort_keys=False), "utf-8")
    return out / "model.safetensors"
