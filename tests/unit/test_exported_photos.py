"""Photos of an export as training takes them."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.tiny_photos import scene, write_photo
from training.data_recipe import DataError
from training.exported_photos import LIKE_HELD_OUT, NOT_LABELLED, UNREADABLE, apart_from, read_export
from training.photo import Photo
from training.run_data import record_data, recorded_exports
from training.scan import Scanned, scan

ROWS = (
    ("images/a.png", "metal", "relabelled"),
    ("images/b.png", "paper", "relabelled"),
    ("images/c.png", "paper", "resident"),
    ("images/d.png", "", ""),
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export-1"
    for number, (name, _, _) in enumerate(ROWS):
        write_photo(folder, name, scene(number))
    table(folder, ROWS)
    finish(folder)
    return folder


def table(folder: Path, rows: tuple[tuple[str, str, str], ...]) -> None:
    lines = ["file_name,label,label_source,group_id", *(",".join([*row, "g"]) for row in rows)]
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n", "utf-8")


def finish(folder: Path) -> None:
    files = [
        {"path": file.relative_to(folder).as_posix(), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in sorted([*folder.rglob("*.png"), *folder.rglob("metadata.csv")])
    ]
    (folder / "manifest.json").write_text(json.dumps({"files": files}), "utf-8")


def scanned(root: Path, photos: list[Photo]) -> list[Scanned]:
    return [one for one in scan(root, photos, 1) if isinstance(one, Scanned)]


def test_only_what_people_labelled_is_taken(export: Path) -> None:
    found = read_export(export)
    assert [(Path(photo.path).name, photo.labels) for photo in found.photos] == [
        ("a.png", ("metal",)),
        ("b.png", ("paper",)),
    ]
    assert found.left_out == {NOT_LABELLED: 2}
    assert found.manifest_sha256 == hashlib.sha256((export / "manifest.json").read_bytes()).hexdigest()


def test_a_label_that_was_written_into_the_exports_table_is_refused(export: Path) -> None:
    file = export / "metadata.csv"
    file.write_text(file.read_text().replace("paper,resident", "paper,relabelled"))
    with pytest.raises(DataError, match=r"metadata\.csv is not the file that was exported"):
        read_export(export)


def test_what_looks_like_a_photo_that_is_measured_on_is_left_out_also_in_a_mirror(export: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    write_photo(root, "held.jpg", scene(0)[:, ::-1], quality=70)
    write_photo(root, "other.jpg", scene(50))
    held_out = [
        Photo("held.jpg", ("metal",), "x"),
        Photo("other.jpg", ("metal",), "x"),
        Photo("gone.jpg", ("metal",), "x"),
    ]
    found = apart_from(read_export(export), scanned(root, held_out))
    assert [Path(photo.path).name for photo in found.photos] == ["b.png"]
    assert found.left_out == {NOT_LABELLED: 2, LIKE_HELD_OUT: 1}


def test_a_file_that_is_no_photo_is_left_out_and_counted(export: Path, tmp_path: Path) -> None:
    (export / "images" / "b.png").write_bytes(b"no photo")
    finish(export)
    found = apart_from(read_export(export), [])
    assert [Path(photo.path).name for photo in found.photos] == ["a.png"]
    assert found.left_out[UNREADABLE] == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "not a finished export"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "not a finished export"),
        (lambda folder: (folder / "metadata.csv").unlink(), "no metadata.csv"),
        (lambda folder: (folder / "metadata.csv").write_text("file_name\n"), "line 1 must name the columns"),
        (lambda folder: (folder / "images/a.png").write_bytes(b"other"), "line 2: a.png is not the file"),
        (lambda folder: (folder / "images/b.png").unlink(), "line 3: b.png cannot be read"),
        (lambda folder: table(folder, (("images/a.png", "rock", "relabelled"),)), "line 2: 'rock' is not among"),
        (lambda folder: table(folder, (("../a.png", "metal", "relabelled"),)), "leads out of the export"),
        (lambda folder: (folder / "metadata.csv").write_text("file_name,label,label_source\na.png\n"), "cut short"),
    ],
)  # fmt: skip
def test_what_is_no_whole_export_is_refused_with_its_place(export: Path, spoil: "object", said: str) -> None:
    assert callable(spoil)
    spoil(export)
    with pytest.raises(DataError, match=said):
        read_export(export)


def test_a_run_keeps_what_it_learned_from_and_does_not_go_on_with_something_else(export: Path, tmp_path: Path) -> None:
    run, split = tmp_path / "run", tmp_path / "split.csv"
    split.write_text("path,labels\n")
    assert recorded_exports(run) == []
    record_data(run, split, [read_export(export)], resume=True)
    [kept] = recorded_exports(run)
    assert isinstance(kept, dict)
    assert (kept["export"], kept["photos"], kept["left_out"]) == ("export-1", 2, {NOT_LABELLED: 2})
    record_data(run, split, [], resume=True)  # nothing was learned yet
    (run / "checkpoint.pt").touch()
    record_data(run, split, [], resume=True)
    with pytest.raises(DataError, match="learned from other data"):
        record_data(run, split, [read_export(export)], resume=True)
    record_data(run, split, [read_export(export)], resume=False)
    assert len(recorded_exports(run)) == 1
