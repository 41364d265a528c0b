import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bunri.cli import main
from bunri.commands.data import command
from tests.tiny_photos import coloured_photos, scene, write_photo
from training.near_duplicates import DEFAULT_COSINE, DEFAULT_DISTANCE
from training.split import Part, read_split

RECIPE = """
name: tiny
sources:
  - {name: tiny, folder: ".", role: split, folders: {metal: metal, paper: paper, plastic: plastic}}
  - {name: other, folder: ".", role: nonwaste, folders: {nonwaste: nonwaste}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """48 photos of four kinds, two of them copies of one scene, and one that is broken."""
    folder = tmp_path / "data"
    coloured_photos(folder, per_label=12)
    write_photo(folder, "metal/copy.png", scene(77))
    write_photo(folder, "paper/copy.jpg", scene(77), quality=60)
    (folder / "metal" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "tiny.yaml").write_text(RECIPE, "utf-8")
    return folder


def _split(root: Path, out: Path, *more: str) -> str:
    recipe = str(root.parent / "tiny.yaml")
    words = ["data", "split", recipe, "--root", str(root), "-o", str(out), "--processes", "1", "--no-views"]
    result = CliRunner().invoke(main, [*words, *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_same_seed_splits_to_the_byte_and_another_does_not(root: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    for file, seed in zip(files, ("1", "1", "2"), strict=True):
        _split(root, file, "--seed", seed)
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()


def test_a_split_leaves_out_what_is_unreadable_keeps_copies_together_and_records_its_settings(
    root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "split.csv"
    told = _split(root, out, "--seed", "5")
    rows = {row.photo.path: row for row in read_split(out)}
    assert "left out: metal/broken.jpg: " in told
    assert len(rows) == 50
    assert "metal/broken.jpg" not in rows
    assert rows["metal/copy.png"].group == rows["paper/copy.jpg"].group
    assert rows["metal/copy.png"].part is rows["paper/copy.jpg"].part
    assert {row.part for row in rows.values()} == {Part.TRAIN, Part.VAL, Part.TEST}
    record = json.loads((tmp_path / "new" / "split.csv.json").read_text("utf-8"))
    assert (record["seed"], record["distance"], record["cosine"], record["unreadable"]) == (5, 6, None, 1)
    assert record["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert sum(record["parts"].values()) == 50


def test_views_of_one_object_are_kept_together_by_features(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "split.csv"
    _split(root, out, "--views", "--cosine", "0.1", "--cache", str(tmp_path / "cache"))
    assert len({row.group for row in read_split(out)}) < 50
    assert json.loads((tmp_path / "split.csv.json").read_text("utf-8"))["cosine"] == 0.1


def test_a_check_reports_in_text_json_and_pictures(root: Path, tmp_path: Path) -> None:
    report, pictures = tmp_path / "report.json", tmp_path / "pictures"
    words = ["data", "check", str(root), "--json", str(report), "--pictures", str(pictures)]
    words += ["--cache", str(tmp_path / "cache"), "--processes", "1"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "1 of 51 files unreadable" in result.output
    told = json.loads(report.read_text("utf-8"))
    [pair] = [pair for pair in told["near_duplicates"]["pairs"] if pair["labels_differ"]]
    assert {photo["file"] for photo in pair["photos"]} == {"metal/copy.png", "paper/copy.jpg"}
    assert set(told["balance"]["labels"]) == {"metal", "nonwaste", "paper", "plastic"}
    assert told["mislabels"]["judged"] == 50
    assert (pictures / "duplicates.jpg").is_file()
    assert list((tmp_path / "cache").glob("features-*.npy"))


def test_a_check_by_a_recipe_looks_at_its_sources_and_can_leave_the_probe_out(root: Path) -> None:
    recipe = str(root.parent / "tiny.yaml")
    words = ["data", "check", str(root), "--recipe", recipe, "--no-probe", "--processes", "1"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "suspected mislabels: not looked for" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "{root}", "--recipe", "nothing"], "no data recipe 'nothing'"),
        (["check", "{root}/metal"], "no photos in it"),
        (
            ["check", "{root}", "--recipe", "waste", "--no-probe"],
            "the folder of source garbage-v2 is missing",
        ),
        (["split", "nothing", "--root", "{root}", "-o", "{root}/x.csv"], "no data recipe 'nothing'"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(root: Path, words: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["data", *(word.format(root=root) for word in words)])
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.strip().split("\n")) == 1
    assert "Traceback" not in result.output


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["data", "check", str(tmp_path / "nowhere")])
    assert result.exit_code == 2


def test_the_defaults_shown_are_those_of_the_library() -> None:
    defaults = {
        option.name: option.default
        for option in command.get_command(None, "split").params  # type: ignore[arg-type, union-attr]
    }
    assert (defaults["distance"], defaults["cosine"]) == (DEFAULT_DISTANCE, DEFAULT_COSINE)


def test_torch_and_cleanlab_are_loaded_only_for_the_probe(root: Path) -> None:
    script = (
        "import sys; from bunri.cli import main\n"
        f"main(['data', 'check', {str(root)!r}, '--no-probe', '--processes', '1'], standalone_mode=False)\n"
        "print(sorted({'torch', 'sklearn', 'cleanlab'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().split("\n")[-1] == "[]"
