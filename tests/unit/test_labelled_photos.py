"""Which photos are scored, and what counts as right for each."""

from pathlib import Path

import pytest

from inference.labels import LABELS
from training.data_recipe import DataError
from training.labelled_photos import (
    BUILT_IN,
    UnknownFolderError,
    photos_in_folders,
    photos_of_split,
    read_mapping,
)
from training.split import Part

GLASS = ("brown-glass", "green-glass", "white-glass")


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(root: Path, mapping: dict[str, tuple[str, ...]] | None = None) -> dict[str, tuple[str, ...]]:
    return {each.photo.path: each.photo.labels for each in photos_in_folders(root, mapping).samples}


def test_a_folder_named_for_a_label_is_that_label(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{label}/a.jpg" for label in LABELS))
    assert found(tmp_path) == {f"{label}/a.jpg": (label.value,) for label in LABELS}


def test_glass_is_any_of_its_three_colours(tmp_path: Path) -> None:
    touch(tmp_path, "glass/a.webp")
    assert found(tmp_path) == {"glass/a.webp": GLASS}


@pytest.mark.parametrize("name", ["nonwaste", "not_waste"])
def test_both_names_of_no_waste_are_known(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"{name}/a.png")
    (sample,) = photos_in_folders(tmp_path).samples
    assert not sample.photo.is_waste


def test_an_unknown_folder_is_an_error_that_names_all_of_them(tmp_path: Path) -> None:
    touch(tmp_path, "metal/a.jpg", "tins/a.jpg", "bottles/a.jpg")
    with pytest.raises(UnknownFolderError, match="folders bottles, tins") as caught:
        photos_in_folders(tmp_path)
    assert caught.value.names == ("bottles", "tins")


def test_a_mapping_explains_skips_and_goes_before_what_is_built_in(tmp_path: Path) -> None:
    touch(tmp_path, "bottles/a.jpg", "odd/b.jpg", "glass/c.jpg", "views/d.jpg")
    mapping: dict[str, tuple[str, ...]] = {
        "bottles": ("plastic",),
        "odd": (),
        "glass": ("white-glass",),
        "views": ("nonwaste",),
    }
    assert found(tmp_path, mapping) == {
        "bottles/a.jpg": ("plastic",),
        "glass/c.jpg": ("white-glass",),
        "views/d.jpg": ("nonwaste",),
    }
    assert photos_in_folders(tmp_path, mapping).skipped_folders == ("odd",)


def test_what_is_no_photo_is_told_and_hidden_entries_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "metal/a.JPG", "metal/notes.txt", "metal/.thumb.jpg", ".cache/x.jpg", "readme.md")
    touch(tmp_path, "metal/folder.jpg/inner.jpg")
    photos = photos_in_folders(tmp_path)
    assert [each.photo.path for each in photos.samples] == ["metal/a.JPG"]
    assert photos.ignored == ("metal/folder.jpg", "metal/notes.txt")


def test_links_are_followed_and_a_dangling_one_is_not_overlooked(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/a.jpg")
    root = tmp_path / "root"
    (root / "paper").mkdir(parents=True)
    (root / "metal").symlink_to(tmp_path / "elsewhere")
    (root / "paper" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert found(root) == {"metal/a.jpg": ("metal",), "paper/gone.jpg": ("paper",)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "map.yaml",
            "bottles: plastic\ntextiles: [shoes, clothes]\nviews: not_waste\nodd: skip\n7: nonwaste\n옷: clothes\n",
        ),
        (
            "map.toml",
            "bottles = 'plastic'\ntextiles = ['shoes', 'clothes']\nviews = 'not_waste'\nodd = 'skip'\n"
            "7 = 'nonwaste'\n'옷' = 'clothes'\n",
        ),
    ],
)
def test_a_mapping_is_read_from_yaml_and_from_toml(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert read_mapping(path) == {
        "bottles": ("plastic",),
        "textiles": ("clothes", "shoes"),
        "views": ("nonwaste",),
        "odd": (),
        "7": ("nonwaste",),
        "옷": ("clothes",),
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: plastics",
        "a: []",
        "a: [plastic, not_waste]",
        "a: [plastic, skip]",
        "a: {b: plastic}",
        "a: 3",
        "no: plastic",
        "- plastic",
        "a: [",
        "",
    ],
)
def test_a_wrong_mapping_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"map\.yaml"):
        read_mapping(path)


def test_a_mapping_that_is_no_text_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"map\.toml"):
        read_mapping(path)


def write_split(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(("path,labels,source,part,group", *rows)) + "\n", encoding="utf-8")
    return path


def test_one_part_of_a_split_keeps_its_sources_and_names_its_rows_by_labels(tmp_path: Path) -> None:
    split = write_split(
        tmp_path / "split.csv",
        "x/1.jpg,metal,first,test,1",
        "x/2.jpg,white-glass|brown-glass|green-glass,second,test,2",
        "x/3.jpg,nonwaste,third,test,3",
        "x/4.jpg,paper,first,train,4",
    )
    samples = photos_of_split(split, Part.TEST, tmp_path).samples
    assert [(each.photo.path, each.photo.labels, each.photo.source, each.row) for each in samples] == [
        ("x/1.jpg", ("metal",), "first", "metal"),
        ("x/2.jpg", GLASS, "second", "|".join(GLASS)),
        ("x/3.jpg", ("nonwaste",), "third", "nonwaste"),
    ]


@pytest.mark.parametrize("row", ["x.jpg,metals,s,test,1", "x.jpg,,s,test,1", "x.jpg,metal,s,tset,1"])
def test_a_wrong_row_of_a_split_is_an_error_that_names_the_file(tmp_path: Path, row: str) -> None:
    with pytest.raises(DataError, match=r"split\.csv"):
        photos_of_split(write_split(tmp_path / "split.csv", row), Part.TEST, tmp_path)


def test_every_built_in_name_stands_for_labels_or_no_waste() -> None:
    known = {label.value for label in LABELS} | {"nonwaste"}
    assert all(meaning and known.issuperset(meaning) for meaning in BUILT_IN.values())
