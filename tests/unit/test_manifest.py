import json
from pathlib import Path
from typing import Any

import pytest

from inference.errors import WeightsError
from inference.labels import LABELS
from inference.manifest import load_manifest, model_names, verify_files
from tests.weights_fixture import TINY_NAME, write_manifest


def altered(weights: Path, **changes: Any) -> None:
    folder = weights / TINY_NAME
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write_manifest(folder, {**manifest, **changes})


def load_and_verify(weights: Path, name: str | None) -> None:
    manifest, folder = load_manifest(weights, name)
    verify_files(manifest, folder, ["openvino", "torch"])


def sentence(weights: Path, name: str | None = None) -> str:
    """What an operator is told when the model is loaded and all its files are verified."""
    with pytest.raises(WeightsError) as caught:
        load_and_verify(weights, name)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_the_default_model_is_the_one_the_index_names(tiny_weights: Path) -> None:
    manifest, folder = load_manifest(tiny_weights)
    assert manifest.name == TINY_NAME
    assert manifest.labels == LABELS
    assert folder == tiny_weights / TINY_NAME
    assert model_names(tiny_weights) == (TINY_NAME,)


def test_verification_returns_the_bytes_it_checked(tiny_weights: Path) -> None:
    manifest, folder = load_manifest(tiny_weights)
    files = verify_files(manifest, folder, ["openvino"])
    assert set(files) == {"int8.xml", "int8.bin"}
    assert all(content == (folder / path).read_bytes() for path, content in files.items())


def test_a_file_of_the_same_size_with_other_content_is_refused(own_weights: Path) -> None:
    path = own_weights / TINY_NAME / "int8.bin"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    text = sentence(own_weights)
    assert "int8.bin" in text
    assert "SHA-256" in text
    assert "git checkout" in text


def test_a_file_of_another_size_is_refused_with_both_sizes(own_weights: Path) -> None:
    path = own_weights / TINY_NAME / "int8.xml"
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-5])
    text = sentence(own_weights)
    assert f"has {size - 5} bytes" in text
    assert str(size) in text


def test_a_missing_file_is_named_with_its_remedy(own_weights: Path) -> None:
    (own_weights / TINY_NAME / "model.safetensors").unlink()
    text = sentence(own_weights)
    assert "model.safetensors is missing" in text
    assert "git checkout" in text


@pytest.mark.parametrize("path", ["../outside.bin", "/etc/hostname", "a/b.bin", "..", ".hidden", "a\\b.bin", ""])
def test_a_manifest_cannot_name_a_file_outside_its_folder(own_weights: Path, path: str) -> None:
    (own_weights / "outside.bin").write_bytes(b"x")
    altered(own_weights, files=[{"role": "openvino", "path": path, "sha256": "0" * 64, "bytes": 1}])
    assert "files.0.path" in sentence(own_weights)


def test_a_link_that_leads_out_of_the_folder_is_refused(own_weights: Path, tmp_path: Path) -> None:
    path = own_weights / TINY_NAME / "int8.bin"
    outside = tmp_path / "outside.bin"
    path.rename(outside)
    path.symlink_to(outside)
    assert "leads out of its folder" in sentence(own_weights)


@pytest.mark.parametrize("name", ["..", "../weights/tiny", ".", "/etc", "unknown"])
def test_an_unknown_model_is_refused_with_the_names_that_are_there(tiny_weights: Path, name: str) -> None:
    assert TINY_NAME in sentence(tiny_weights, name)


def test_labels_in_another_order_are_refused(own_weights: Path) -> None:
    labels = [label.value for label in LABELS]
    altered(own_weights, labels=[labels[1], labels[0], *labels[2:]])
    assert "in this order" in sentence(own_weights)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"input_side": "224"}, "input_side"),
        ({"temperature": 0.0}, "temperature"),
        (
            {"thresholds": {"answer": 1.5, "candidate": 0, "waste": 0, "hazard_battery": 0}},
            "thresholds.answer",
        ),
        ({"thresholds": {"answer": 0.5}}, "thresholds.candidate"),
        ({"surprise": 1}, "surprise"),
        ({"task": "generator"}, "task"),
    ],
)
def test_a_faulty_field_is_named(own_weights: Path, changes: dict[str, Any], field: str) -> None:
    altered(own_weights, **changes)
    assert field in sentence(own_weights)


def test_a_manifest_of_another_model_is_refused(own_weights: Path) -> None:
    altered(own_weights, name="other")
    assert "'other'" in sentence(own_weights)


def test_a_manifest_that_is_no_json_is_refused(own_weights: Path) -> None:
    (own_weights / TINY_NAME / "manifest.json").write_text("{", encoding="utf-8")
    assert "manifest.json is not valid" in sentence(own_weights)


def test_a_missing_index_is_named(own_weights: Path) -> None:
    (own_weights / "index.json").unlink()
    assert "index.json cannot be read" in sentence(own_weights)
