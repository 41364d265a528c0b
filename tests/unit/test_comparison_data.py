"""From files to the arrays of a task: labels, boxes, splits, and what is wrong with them."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.comparison_tasks import draw_task, recipe, write_boxes
from tests.conftest import SHARED_DATA
from tests.tiny_photos import scene, write_photo
from training.comparison.annotations import AnnotatedBox, Box, clipped, disagreement, read_annotations
from training.comparison.labels import Bins, FromAnnotations, FromFolder, FromName, label_of, shares_of
from training.comparison.parts import make_task_split, record_split, task_data
from training.comparison.preparation import Prepared, prepare
from training.comparison.recipe import load_task_recipe
from training.comparison.samples import list_samples
from training.data_recipe import DataError
from training.split import Part

BOX = {"image": "red_0.png", "label": "red", "bbox": [4, 4, 30, 20]}
CROPPED: dict[str, Any] = {
    "photos": {"folder": "task", "pattern": "*.png", "annotations": "boxes.json"},
    "steps": [{"step": "crop_to_boxes"}, {"step": "resize_keep_aspect", "side": 32}],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return draw_task(tmp_path / "data", per_label=12, side=40)


def prepared(root: Path, **changes: Any) -> Prepared:
    task = recipe(**changes)
    return prepare(list_samples(root, task), task, root / "cache")


def test_a_label_is_read_from_the_groups_of_a_name() -> None:
    ages = Bins(edges=(20, 30, 40), names=("20s", "30s"))
    rule = FromName(
        by="name",
        pattern=r"(?P<age>\d+)_(?P<gender>[01])_.*",
        bins={"age": ages},
        words={"gender": {"0": "male", "1": "female"}},
    )
    assert label_of(rule, "20_0_x.webp", {}) == "20s-male"
    assert label_of(rule, "sub/39_1_x.webp", {}) == "30s-female"
    for path, reason in (("40_0_x.webp", "age '40'"), ("29_2_x.webp", "does not match"), ("x.webp", "does not match")):
        with pytest.raises(DataError, match=rf"{path}: no label: .*{reason}"):
            label_of(rule, path, {})


def test_a_blurred_number_gives_its_neighbours_a_share_of_the_target() -> None:
    ages = Bins(edges=(19.5, 29.5, 39.5, 49.5), names=("20s", "30s", "40s"), blur=4)
    rule = FromName(
        by="name",
        pattern=r"(?P<age>\d+)_(?P<gender>[01])_.*",
        bins={"age": ages},
        words={"gender": {"0": "male", "1": "female"}},
    )
    middle, edge, end = (
        shares_of(rule, f"{age}_1_x.webp", label_of(rule, f"{age}_1_x.webp", {})) for age in (34, 39, 20)
    )
    for shares in (middle, edge, end):
        assert sum(shares.values()) == pytest.approx(1)
        assert set(shares) == {"20s-female", "30s-female", "40s-female"}
    # Within one deviation and a quarter of it lie 78.9 % of a normal distribution; half a year is an eighth of one.
    assert middle["30s-female"] == pytest.approx(0.789 + 0.005, abs=0.01)
    assert middle["20s-female"] == pytest.approx(0.130, abs=0.01)
    assert edge["30s-female"] == pytest.approx(0.54, abs=0.01)
    assert max(end, key=lambda label: end[label]) == "20s-female"
    for age in range(20, 50):
        label = label_of(rule, f"{age}_0_x.webp", {})
        shares = shares_of(rule, f"{age}_0_x.webp", label)
        assert max(shares, key=lambda each: shares[each]) == label


def test_a_number_that_is_sure_and_a_label_from_a_box_are_not_blurred() -> None:
    sure = FromName(by="name", pattern=r"(?P<age>\d+)_.*", bins={"age": Bins(edges=(0, 50, 100), names=("a", "b"))})
    assert shares_of(sure, "49_x.png", "a") == {"a": 1.0}
    blurred = sure.model_copy(update={"bins": {"age": Bins(edges=(0, 50, 100), names=("a", "b"), blur=9)}})
    assert shares_of(blurred, "49_x.png", "b") == {"b": 1.0}
    assert shares_of(FromFolder(by="folder"), "cat/1.png", "cat") == {"cat": 1.0}


def test_blurred_targets_reach_the_arrays_and_change_their_key(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for number in range(40):
        write_photo(root, f"task/{number}_x.png", scene(number, 40, 40))
    bins = {"edges": [-0.5, 19.5, 39.5, 99.5], "names": ["low", "high", "none"]}

    def data(**own: Any) -> Any:
        task = recipe(labels={"by": "name", "pattern": r"(?P<n>\d+)_x", "bins": {"n": {**bins, **own}}})
        done = prepare(list_samples(root, task), task, root / "cache")
        return task_data(done, make_task_split(done, task), task)

    sure, blurred = data(), data(blur=5)
    assert sure.labels == blurred.labels == ("high", "low")
    assert (sure.parts[Part.TRAIN].shares.max(axis=1) == 1).all()
    shares, labels = blurred.parts[Part.TRAIN].shares, blurred.parts[Part.TRAIN].labels
    # No picture is in the third interval: what would be its share is the others'.
    assert np.allclose(shares.sum(axis=1), 1)
    assert (shares.argmax(axis=1) == labels).all()
    assert 0.5 < shares.max(axis=1).min() < 0.6
    assert sure.key != blurred.key


def test_a_label_is_read_from_the_folder_or_from_the_boxes() -> None:
    assert label_of(FromFolder(by="folder"), "train/cat/1.png", {}) == "cat"
    with pytest.raises(DataError, match=r"1\.png: no label: it lies in no folder"):
        label_of(FromFolder(by="folder"), "1.png", {})
    of_boxes = {"a.png": frozenset({"cat"}), "b.png": frozenset({"cat", "dog"})}
    assert label_of(FromAnnotations(by="annotations"), "a.png", of_boxes) == "cat"
    with pytest.raises(DataError, match=r"b\.png: no label: its boxes say cat, dog"):
        label_of(FromAnnotations(by="annotations"), "b.png", of_boxes)
    with pytest.raises(DataError, match=r"c\.png: no label: there is no box"):
        label_of(FromAnnotations(by="annotations"), "c.png", of_boxes)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[{"image": "a.png", "label"', r"line 1, column \d+: no JSON"),
        ('{"image": "a.png"}', "holds no list of boxes"),
        ('[{"image": "a.png", "bbox": [1, 2, 3, 4]}]', "entry 1: label: Field required"),
        ('[{"image": "a.png", "label": "", "bbox": [1, 2, 3, 4]}]', "entry 1: label: "),
        ('[{"image": "a.png", "label": "  ", "bbox": [1, 2, 3, 4]}]', "entry 1: label: "),
        ('[{"image": "a.png", "label": "x", "bbox": ["1", 2, 3, 4]}]', "entry 1: bbox.0: "),
        ('[{"image": "a.png", "label": "x", "bbox": [true, 2, 3, 4]}]', "entry 1: bbox.0: "),
        (f"[{'9' * 5000}]", "JSON that is too long or too deep"),
        ("[" * 200_000, "JSON that is too long or too deep"),
        ('[{"image": "a.png", "label": "x", "bbox": [1, 2, 3]}]', r"entry 1: bbox"),
        ('[{"image": "a.png", "label": "x", "bbox": [1, 2, 3, NaN]}]', "entry 1: bbox"),
        ('[{"image": "a.png", "label": "x", "bbox": [3, 2, 3, 9]}]', "entry 1: the box .* is empty"),
        ("[7]", "entry 1: "),
    ],
)
def test_annotations_that_are_wrong_are_told_with_file_and_entry(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "boxes.json"
    file.write_text(content, "utf-8")
    with pytest.raises(DataError, match=rf"boxes\.json: {told}"):
        read_annotations(file)


def test_missing_annotations_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"boxes\.json: cannot be read"):
        read_annotations(tmp_path / "boxes.json")


def test_a_box_is_clipped_to_its_photo_or_refused() -> None:
    over, outside = (AnnotatedBox(7, "a.png", "x", box) for box in (Box(-5, 3, 20, 90), Box(50, 0, 60, 10)))
    assert clipped(over, 40, 30) == Box(0, 3, 20, 30)
    with pytest.raises(DataError, match=r"entry 7: the box \[50, 0, 60, 10\] lies outside of a\.png \(40x30\)"):
        clipped(outside, 40, 30)


def test_boxes_that_contradict_their_photo_are_counted() -> None:
    labels = {"a.png": "x", "b.png": "y"}
    boxes = [
        AnnotatedBox(number, image, label, Box(0, 0, 1, 1))
        for number, (image, label) in enumerate(
            [("a.png", "x"), ("a.png", "y"), ("a.png", "z"), ("b.png", "x"), ("c.png", "x")]
        )
    ]
    apart = disagreement(boxes, labels)
    assert (apart.boxes, apart.photos) == (3, 2)


def test_each_box_becomes_a_picture_with_its_own_label(root: Path) -> None:
    write_boxes(root, [BOX, {**BOX, "label": "rust", "bbox": [-3, 20, 25, 60]}])
    done = prepared(root, **CROPPED)
    assert [(each.name, each.label) for each in done.samples] == [("red_0.png#1", "red"), ("red_0.png#2", "rust")]
    assert done.pixels.shape == (2, 32, 32, 3)
    assert done.notes.pictures == {"red": 1, "rust": 1}
    assert (done.notes.boxes, done.notes.boxes_clipped, done.notes.photos_without_box) == (2, 1, 35)
    assert (done.notes.boxes_with_another_label, done.notes.photos_with_another_label) == (1, 1)
    assert "35 photos have no box and were left out." in list(done.notes.sentences())


def test_a_box_beyond_its_photo_is_refused_even_where_nothing_is_cropped(root: Path) -> None:
    write_boxes(root, [BOX, {**BOX, "bbox": [400, 400, 500, 500]}])
    photos = {"folder": "task", "pattern": "*.png", "annotations": "boxes.json"}
    with pytest.raises(DataError, match=r"boxes\.json: entry 2: the box .* outside of red_0\.png \(40x40\)"):
        prepared(root, photos=photos)


def test_a_box_on_a_photo_that_is_not_there_is_refused(root: Path) -> None:
    write_boxes(root, [BOX, {**BOX, "image": "red_99.png"}])
    with pytest.raises(DataError, match=r"boxes\.json: entry 2: there is no photo red_99\.png"):
        list_samples(root, recipe(**CROPPED))


def test_photos_that_cannot_be_read_are_named_before_anything_is_trained(root: Path) -> None:
    (root / "task" / "red_3.png").write_bytes((root / "task" / "red_3.png").read_bytes()[:200])
    (root / "task" / "blue_1.png").write_text("no picture", "utf-8")
    with pytest.raises(DataError, match=r"blue_1\.png: .*; .*red_3\.png: "):
        prepared(root)


def test_a_photo_without_a_label_is_named(root: Path) -> None:
    write_photo(root, "task/nolabel.png", scene(5, 40, 40))
    with pytest.raises(DataError, match=r"task/nolabel\.png: no label"):
        list_samples(root, recipe())


@pytest.mark.parametrize(
    ("photos", "told"),
    [({"folder": "away"}, "folder of task tiny is missing"), ({"folder": "task", "pattern": "*.jpg"}, "no photo")],
)
def test_a_task_without_photos_is_refused(root: Path, photos: dict[str, str], told: str) -> None:
    with pytest.raises(DataError, match=told):
        list_samples(root, recipe(photos=photos))


def test_a_photo_without_a_face_is_reported_and_kept_or_left_out(root: Path) -> None:
    pytest.importorskip("cv2")

    def steps(fate: str) -> list[dict[str, Any]]:
        return [
            {"step": "detect_and_crop_face", "without_face": fate},
            {"step": "resize_keep_aspect", "side": 32},
        ]

    kept = prepared(root, steps=steps("keep"))
    assert len(kept.notes.without_face) == len(kept.samples) == 36
    assert any("No face was found in 36 photos, which stayed whole" in each for each in kept.notes.sentences())
    with pytest.raises(DataError, match="no picture is left"):
        prepared(root, steps=steps("leave_out"))


def test_what_is_prepared_is_kept_until_a_photo_changes(root: Path) -> None:
    first = prepared(root)
    [file] = (root / "cache").iterdir()
    before = file.stat().st_mtime_ns
    again = prepared(root)
    assert file.stat().st_mtime_ns == before
    assert np.array_equal(first.pixels, again.pixels)
    assert first.samples == again.samples
    write_photo(root, "task/red_0.png", scene(9, 41, 41))
    changed = prepared(root)
    assert not np.array_equal(first.pixels, changed.pixels)


def test_a_photo_that_was_spoiled_at_the_same_size_is_noticed(root: Path) -> None:
    prepared(root)
    file = root / "task" / "red_0.png"
    file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(DataError, match=r"red_0\.png: "):
        prepared(root)


def test_a_damaged_cache_is_made_again(root: Path) -> None:
    first = prepared(root)
    [file] = (root / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:5000])
    assert np.array_equal(prepared(root).pixels, first.pixels)


def test_photos_without_a_box_need_no_label_where_boxes_bring_theirs(root: Path) -> None:
    write_boxes(root, [BOX, {**BOX, "label": "rust"}])
    done = prepared(root, **{**CROPPED, "labels": {"by": "annotations"}})
    assert [each.label for each in done.samples] == ["red", "rust"]
    steps = [{"step": "crop_to_boxes", "label": "photo"}, *CROPPED["steps"][1:]]
    with pytest.raises(DataError, match=r"red_0\.png: no label: its boxes say red, rust"):
        prepared(root, **{**CROPPED, "labels": {"by": "annotations"}, "steps": steps})


def test_a_name_that_is_no_text_is_told(root: Path) -> None:
    (root / "task" / "red_\udcff.png").write_bytes(b"x")
    with pytest.raises(DataError, match=r"the name 'red_\\udcff\.png' is no UTF-8"):
        list_samples(root, recipe())


def test_a_task_of_one_label_is_refused(root: Path) -> None:
    with pytest.raises(DataError, match="all pictures have one label"):
        split_of(root, photos={"folder": "task", "pattern": "red_*.png"})


def split_of(root: Path, **changes: Any) -> tuple[Prepared, dict[str, Part]]:
    done = prepared(root, **changes)
    rows = make_task_split(done, recipe(**changes))
    return done, {row.photo.path: row.part for row in rows}


def test_a_split_is_stratified_and_the_same_each_time(root: Path) -> None:
    _, parts = split_of(root)
    counts = Counter((path.split("_")[0], part) for path, part in parts.items())
    assert {counts[label, Part.TEST] for label in ("red", "green", "blue")} == {2}
    assert {counts[label, Part.VAL] for label in ("red", "green", "blue")} == {1}
    assert split_of(root)[1] == parts
    assert split_of(root, split={"seed": 1})[1] != parts


def test_near_duplicates_and_boxes_of_one_photo_stay_together(root: Path) -> None:
    for number in range(12):
        pixels = scene(500 + number, 40, 40)
        write_photo(root, f"task/twin_{number}.png", pixels)
        write_photo(root, f"task/twin_{number + 100}.png", pixels[:, ::-1])
    _, parts = split_of(root)
    assert all(parts[f"twin_{number}.png"] is parts[f"twin_{number + 100}.png"] for number in range(12))
    boxes = [
        {"image": f"{label}_{number}.png", "label": label, "bbox": [left, 2, left + 15, 30]}
        for label in ("red", "green", "blue")
        for number in range(12)
        for left in (1, 20)
    ]
    write_boxes(root, boxes)
    _, parts = split_of(root, **CROPPED)
    by_photo: dict[str, set[Part]] = {}
    for name, part in parts.items():
        by_photo.setdefault(name.split("#")[0], set()).add(part)
    assert len(parts) == 72
    assert all(len(each) == 1 for each in by_photo.values())


def test_a_label_with_too_few_pictures_is_refused(root: Path) -> None:
    write_photo(root, "task/rare_0.png", scene(77, 40, 40))
    with pytest.raises(DataError, match="label rare has too few pictures: none in test, val"):
        split_of(root)


def test_balance_changes_the_training_part_alone(root: Path) -> None:
    steps = [{"step": "resize_keep_aspect", "side": 32}, {"step": "balance", "target": 5}]
    task = recipe(steps=steps)
    done = prepared(root, steps=steps)
    rows = make_task_split(done, task)
    data = task_data(done, rows, task)
    assert data.balanced == {"blue": 5, "green": 5, "red": 5}
    assert np.bincount(data.parts[Part.TRAIN].labels).tolist() == [5, 5, 5]
    assert len(data.parts[Part.TEST].labels) == 6


def test_the_arrays_hold_each_picture_beside_its_label_in_the_order_of_the_split(root: Path) -> None:
    task, done = recipe(), prepared(root)
    rows = make_task_split(done, task)
    data = task_data(done, rows, task)
    names = [row.photo.path for row in rows if row.part is Part.TEST]
    test = data.parts[Part.TEST]
    assert [data.labels[column] for column in test.labels] == [name.split("_")[0] for name in names]
    strongest = test.pixels.mean(axis=(1, 2)).argmax(axis=1)
    assert [("red", "green", "blue")[channel] for channel in strongest] == [name.split("_")[0] for name in names]


def test_a_run_that_goes_on_must_find_the_same_data(root: Path, tmp_path: Path) -> None:
    def record(seed: int) -> None:
        changes = {"split": {"seed": seed}}
        record_split(tmp_path, make_task_split(prepared(root, **changes), recipe(**changes)), recipe(**changes))

    record(0)
    before = [(file.name, file.stat().st_mtime_ns) for file in sorted(tmp_path.glob("split*"))]
    assert [name for name, _ in before] == ["split.csv", "split.csv.json"]
    record(0)
    assert [(file.name, file.stat().st_mtime_ns) for file in sorted(tmp_path.glob("*split*"))] == before
    with pytest.raises(DataError, match=r"split\.csv: this run began with other data"):
        record(1)


steel = pytest.mark.skipif(not (SHARED_DATA / "steel").is_dir(), reason="the real photos are absent")
faces = pytest.mark.skipif(not (SHARED_DATA / "faces").is_dir(), reason="the real photos are absent")


@steel
def test_the_steel_set_is_labelled_by_name_and_its_contradictions_are_counted() -> None:
    listed = list_samples(SHARED_DATA, load_task_recipe("steel"))
    labels = Counter(sample.label for photo in listed.photos for sample in photo.samples)
    assert len(labels) == 6
    assert set(labels.values()) == {240}
    assert (listed.notes.boxes_with_another_label, listed.notes.photos_with_another_label) == (144, 96)


@faces
def test_the_faces_fall_into_ten_cells() -> None:
    listed = list_samples(SHARED_DATA, load_task_recipe("faces"))
    labels = Counter(sample.label for photo in listed.photos for sample in photo.samples)
    assert len(labels) == 10
    assert set(labels.values()) == {300}


def mutated(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    entry = dict(BOX)
    change(entry)
    return entry


@pytest.mark.parametrize("key", ["image", "label", "bbox"])
def test_an_entry_that_lacks_something_is_told_by_its_number(root: Path, key: str) -> None:
    write_boxes(root, [BOX, mutated(lambda entry: entry.pop(key))])
    with pytest.raises(DataError, match=rf"boxes\.json: entry 2: {key}: Field required"):
        list_samples(root, recipe(**CROPPED))
