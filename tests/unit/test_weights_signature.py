import json
from pathlib import Path

from inference.weights_signature import weights_signature


def folder(root: Path) -> Path:
    for name in ("one", "two", "generators/gan"):
        (root / name).mkdir(parents=True)
        (root / name / "manifest.json").write_text(name, "utf-8")
    (root / "index.json").write_text(json.dumps({"classifier": "one", "generator": "gan"}), "utf-8")
    return root


def test_it_changes_with_the_index_and_with_the_manifests_of_what_answers(tmp_path: Path) -> None:
    weights = folder(tmp_path)
    seen = [weights_signature(weights)]
    assert weights_signature(weights) == seen[0]
    for name, text in (
        ("one/manifest.json", "newer"),
        ("generators/gan/manifest.json", "newer"),
        ("index.json", json.dumps({"classifier": "two", "generator": "gan"})),
        ("two/manifest.json", "newer"),
    ):
        (weights / name).write_text(text, "utf-8")
        seen.append(weights_signature(weights))
    assert len(set(seen)) == len(seen)


def test_a_model_that_nobody_asks_changes_nothing(tmp_path: Path) -> None:
    weights = folder(tmp_path)
    before = weights_signature(weights), weights_signature(weights, "two")
    (weights / "two" / "manifest.json").write_text("newer", "utf-8")
    assert weights_signature(weights) == before[0]
    assert weights_signature(weights, "two") != before[1]


def test_what_cannot_be_read_has_a_signature_too(tmp_path: Path) -> None:
    weights = folder(tmp_path)
    before = weights_signature(weights)
    (weights / "index.json").write_text("{", "utf-8")
    assert weights_signature(weights) != before
    assert weights_signature(tmp_path / "nowhere")
