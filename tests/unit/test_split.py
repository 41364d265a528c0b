from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.data_recipe import DataError, Role
from training.photo import NONWASTE, Photo
from training.split import Assigned, Part, make_split, part_counts, read_split, write_split

Drawn = tuple[dict[Role, list[Photo]], dict[str, int]]


@st.composite
def photo_sets(draw: st.DrawFn) -> Drawn:
    """Photos of all roles, in near-duplicate groups that cross labels, sources and roles."""
    kinds = st.tuples(st.sampled_from(Role), st.sampled_from(["metal", "paper"]), st.integers(0, 12))
    photos: dict[Role, list[Photo]] = {role: [] for role in Role}
    groups = {}
    for number, (role, label, group) in enumerate(draw(st.lists(kinds, max_size=60))):
        labels = (NONWASTE,) if role is Role.NONWASTE else (label,)
        photo = Photo(f"{number:03}.jpg", labels, role.value)
        photos[role].append(photo)
        groups[photo.path] = group
    return photos, groups


@given(photo_sets(), st.integers(0, 3))
def test_every_photo_is_assigned_once(drawn: Drawn, seed: int) -> None:
    photos, groups = drawn
    rows = make_split(photos, groups, seed)
    assert sorted(row.photo.path for row in rows) == sorted(groups)
    assert all(row.group == groups[row.photo.path] for row in rows)


@given(photo_sets(), st.integers(0, 3))
def test_near_duplicates_never_part(drawn: Drawn, seed: int) -> None:
    parts: defaultdict[int, set[Part]] = defaultdict(set)
    for row in make_split(*drawn, seed):
        parts[row.group].add(row.part)
    for found in parts.values():
        assert len(found) == 1 or found == {Part.STRANGERS, Part.DROPPED}


@given(photo_sets(), st.integers(0, 3))
def test_strangers_stay_strangers_and_their_near_duplicates_are_dropped(drawn: Drawn, seed: int) -> None:
    photos, _ = drawn
    rows = make_split(*drawn, seed)
    strangers = {photo.path for photo in photos[Role.STRANGERS]}
    assert {row.photo.path for row in rows if row.part is Part.STRANGERS} == strangers
    held_out = {row.group for row in rows if row.part is Part.STRANGERS}
    for row in rows:
        assert (row.part in (Part.STRANGERS, Part.DROPPED)) == (row.group in held_out)


@given(photo_sets(), st.integers(0, 3))
def test_what_may_only_train_is_never_tested_on(drawn: Drawn, seed: int) -> None:
    photos, _ = drawn
    only_train = {photo.path for photo in photos[Role.TRAIN_ONLY]}
    for row in make_split(*drawn, seed):
        if row.photo.path in only_train:
            assert row.part in (Part.TRAIN, Part.DROPPED)


@given(photo_sets(), st.integers(0, 3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_seed_gives_the_same_bytes_and_reading_gives_the_rows_back(
    tmp_path: Path, drawn: Drawn, seed: int
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    write_split(first, make_split(*drawn, seed))
    write_split(second, make_split(*drawn, seed))
    assert first.read_bytes() == second.read_bytes()
    assert read_split(first) == sorted(make_split(*drawn, seed), key=lambda row: row.photo.path)


def _many(group_size: int) -> Drawn:
    photos: dict[Role, list[Photo]] = {role: [] for role in Role}
    keys: dict[str, tuple[str, int]] = {}
    for label, count in {"metal": 600, "paper": 300, "trash": 90}.items():
        for number in range(count):
            photo = Photo(f"{label}/{number:03}.jpg", (label,), "source")
            photos[Role.SPLIT].append(photo)
            # Every third photo belongs to a group of several, the others are alone.
            keys[photo.path] = (label, number // group_size if number % 3 == 0 else -number)
    for number in range(200):
        photo = Photo(f"other/{number:03}.jpg", (NONWASTE,), "other")
        photos[Role.NONWASTE].append(photo)
        keys[photo.path] = ("other", number)
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys.values()))}
    return photos, {path: numbers[key] for path, key in keys.items()}


@pytest.mark.parametrize("group_size", [1, 12])
@pytest.mark.parametrize("seed", [0, 20261123])
def test_each_label_is_split_eight_to_one_to_one(group_size: int, seed: int) -> None:
    counts = part_counts(make_split(*_many(group_size), seed))
    for label, total in {"metal": 600, "paper": 300, "trash": 90}.items():
        shares = {part: counts[part][label] / total for part in ("train", "val", "test")}
        assert shares["train"] == pytest.approx(0.8, abs=0.03)
        assert shares["val"] == pytest.approx(0.1, abs=0.025)
        assert shares["test"] == pytest.approx(0.1, abs=0.025)
    assert {part: counts[part][NONWASTE] for part in ("train", "val", "test")} == {
        "train": 50,
        "val": 50,
        "test": 100,
    }


def test_another_seed_gives_another_split() -> None:
    photos, groups = _many(1)
    tests = [{row.photo.path for row in make_split(photos, groups, seed) if row.part is Part.TEST} for seed in (1, 2)]
    assert tests[0] != tests[1]


def test_a_label_set_is_counted_under_all_its_names() -> None:
    glass = Photo("a.jpg", ("brown-glass", "green-glass"), "s")
    assert part_counts([Assigned(glass, Part.VAL, 0)]) == {"val": {"brown-glass|green-glass": 1}}


@pytest.mark.parametrize(
    "text",
    [
        "path,labels,source,group\na.jpg,metal,s,0\n",
        "path,labels,source,part,group\na.jpg,metal,s,exam,0\n",
        "path,labels,source,part,group\na.jpg,metal,s,val,none\n",
        "path,labels,source,part,group\na.jpg\n",
    ],
)
def test_a_malformed_split_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "split.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"split\.csv:2: "):
        read_split(file)


def test_photos_count_by_part() -> None:
    rows = make_split(*_many(1), seed=0)
    parts = Counter(row.part.value for row in rows)
    assert {part: sum(counts.values()) for part, counts in part_counts(rows).items()} == parts
