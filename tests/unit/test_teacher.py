"""A teacher is a run or a packed folder of weights; several answer with their mean."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from inference.architectures import build_classifier
from training.data_recipe import DataError
from training.teacher import Teacher, resize_batch


def _weights(folder: Path, seed: int) -> Path:
    """What a teacher needs of a folder in ``weights/``: fp16 values and the architecture's name."""
    torch.manual_seed(seed)
    folder.mkdir()
    state = build_classifier("resnet18").state_dict()
    halves = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    save_file({name: value.contiguous() for name, value in halves.items()}, folder / "model.safetensors")
    (folder / "manifest.json").write_text(json.dumps({"architecture": "resnet18"}), "utf-8")
    return folder


def test_several_teachers_answer_with_the_mean_of_their_log_probabilities(tmp_path: Path) -> None:
    folders = [str(_weights(tmp_path / name, seed)) for seed, name in enumerate("ab")]
    pixels = torch.randint(0, 256, (3, 48, 48, 3), dtype=torch.uint8)
    together, _ = Teacher(folders, 32, "cpu")(pixels)
    alone = [Teacher([folder], 32, "cpu")(pixels)[0] for folder in folders]
    assert together.shape == (3, 12)
    torch.testing.assert_close(together, (alone[0] + alone[1]) / 2)


def test_a_teacher_without_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"architecture": "resnet18"}), "utf-8")
    with pytest.raises(DataError, match=r"model\.safetensors is missing"):
        Teacher([str(tmp_path)], 32, "cpu")


def test_a_batch_keeps_its_colours_when_it_is_made_smaller() -> None:
    plain = torch.full((2, 64, 64, 3), 200, dtype=torch.uint8)
    small = resize_batch(plain, 16)
    assert small.shape == (2, 16, 16, 3)
    assert bool((small == 200).all())
    assert resize_batch(plain, 64) is plain
