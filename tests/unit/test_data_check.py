import json
from pathlib import Path

import numpy as np
import pytest

from inference.preprocess import Bars
from tests.tiny_photos import framed, scene, write_photo
from training.check.balance import TARGET, class_sizes, imbalance
from training.check.class_folders import photos_by_class_folder
from training.check.contact_sheet import THUMBNAIL, Cell, draw_sheet
from training.check.copies import exact_copies, near_duplicates
from training.check.mislabels import find_mislabels, out_of_fold_probabilities
from training.check.padding import Direction, direction_of, padding_of
from training.check.pictures import write_pictures
from training.check.report import Report, make_report
from training.check.report_json import report_as_json
from training.check.report_text import report_as_text
from training.check.suspects import Mislabels, Suspect
from training.data_recipe import DataError
from training.photo import Photo
from training.picture_quality import Quality
from training.scan import NOT_READ, Scanned, UnreadablePhoto, scan, scan_photo

FINE = Quality(500.0, 200.0)


def _photo(path: str, label: str = "metal", source: str = "s") -> Photo:
    return Photo(path, tuple(label.split("|")), source)


def _seen(
    path: str,
    label: str = "metal",
    source: str = "s",
    digest: str = "",
    code: int = 0,
    mirrored: int = 0xAAAA_AAAA_AAAA_AAAA,
    bars: Bars = Bars(),  # noqa: B008 (a frozen value)
) -> Scanned:
    return Scanned(_photo(path, label, source), 200, 100, digest or path, code, mirrored, bars, FINE)


def test_a_scan_measures_what_it_can_read_and_names_what_it_cannot(tmp_path: Path) -> None:
    write_photo(tmp_path, "a.png", framed(scene(1), 10, 0, 6, 0))
    (tmp_path / "text.jpg").write_text("hello", "utf-8")
    (tmp_path / "empty.png").touch()
    (tmp_path / "cut.png").write_bytes((tmp_path / "a.png").read_bytes()[:3_000])
    names = ["a.png", "text.jpg", "empty.png", "cut.png", "missing.jpg"]
    read, *broken = scan(tmp_path, [_photo(name) for name in names], processes=1)
    assert isinstance(read, Scanned)
    assert (read.width, read.height, read.bars) == (128, 112, Bars(10, 6, 0, 0))
    problems = [one.problem for one in broken if isinstance(one, UnreadablePhoto)]
    assert problems == ["not_an_image", "empty", "truncated", NOT_READ]


def test_the_digest_is_of_the_pixels_whatever_the_file(tmp_path: Path) -> None:
    write_photo(tmp_path, "a.png", scene(1))
    write_photo(tmp_path, "b.webp", scene(1), lossless=True)
    write_photo(tmp_path, "c.png", scene(1).reshape(128, 96, 3))
    digests = []
    for name in ("a.png", "b.webp", "c.png"):
        one = scan_photo(tmp_path, _photo(name))
        assert isinstance(one, Scanned)
        digests.append(one.digest)
    assert digests[0] == digests[1] != digests[2]


def test_exact_copies_are_grouped_and_those_that_disagree_come_first() -> None:
    scanned = [
        _seen("a", digest="x"),
        _seen("b", digest="y"),
        _seen("c", digest="x"),
        _seen("d", "paper", digest="y"),
        _seen("e", digest="z"),
    ]
    found = exact_copies(scanned)
    assert [tuple(photo.path for photo in copies.photos) for copies in found] == [("b", "d"), ("a", "c")]
    assert [copies.labels_differ for copies in found] == [True, False]


def test_near_duplicates_that_disagree_come_first_and_then_the_closest() -> None:
    scanned = [
        _seen("a", code=0b0),
        _seen("b", code=0b111, source="other"),
        _seen("c", "paper", code=0b11_1111),
        _seen("d", digest="a", code=0b0),
    ]
    pairs = near_duplicates(scanned, distance=4)
    assert [(p.first.path, p.second.path, p.bits) for p in pairs] == [
        ("b", "c", 3),
        ("a", "b", 3),
        ("b", "d", 3),
    ]
    assert [p.labels_differ for p in pairs] == [True, False, False]
    assert [p.across_sources for p in pairs] == [True, True, True]


def test_a_mirror_image_is_a_near_duplicate_and_said_to_be_one() -> None:
    scanned = [_seen("a", code=0b0, mirrored=0xFF00), _seen("b", code=0xFF01, mirrored=0b0)]
    [pair] = near_duplicates(scanned, distance=4)
    assert (pair.bits, pair.mirrored) == (0, True)


def test_labels_that_overlap_do_not_disagree() -> None:
    scanned = [_seen("a", "brown-glass|green-glass"), _seen("b", "green-glass", code=1)]
    [pair] = near_duplicates(scanned, distance=1)
    assert not pair.labels_differ


def test_balance_counts_sure_and_possible_labels() -> None:
    photos = [_photo("a"), _photo("b"), _photo("c", "paper"), _photo("d", "paper|cardboard")]
    sizes = class_sizes(photos)
    assert [(size.label, size.sure, size.possible) for size in sizes] == [
        ("cardboard", 0, 1),
        ("metal", 2, 0),
        ("paper", 1, 1),
    ]
    assert [size.missing for size in sizes] == [TARGET, TARGET - 2, TARGET - 1]
    assert imbalance(sizes) == 2
    assert imbalance([]) == 1


@pytest.mark.parametrize(
    ("bars", "direction"),
    [
        (Bars(), Direction.NONE),
        (Bars(top=1), Direction.NONE),
        (Bars(left=3), Direction.NONE),
        (Bars(top=1, bottom=1), Direction.ABOVE_BELOW),
        (Bars(left=4), Direction.LEFT_RIGHT),
        (Bars(top=10, right=10), Direction.ALL_ROUND),
    ],
)
def test_bars_have_a_direction_once_they_are_thick_enough(bars: Bars, direction: Direction) -> None:
    assert direction_of(_seen("a", bars=bars)) is direction


def test_padding_tells_when_its_direction_gives_the_label_away() -> None:
    wide, tall = Bars(top=20, bottom=20), Bars(left=40, right=40)
    betraying = [_seen(f"m{i}", bars=wide) for i in range(6)] + [_seen(f"p{i}", "paper", bars=tall) for i in range(4)]
    padding = padding_of(betraying)
    assert (padding.guess, padding.blind_guess) == (1.0, 0.6)
    assert padding.labels[0].shares[Direction.ABOVE_BELOW] == 1
    assert sum(padding.labels[1].shares.values()) == 1
    harmless = padding_of([_seen("a", bars=wide), _seen("b", "paper", bars=wide)])
    assert harmless.guess == harmless.blind_guess == 0.5


def _clouds(per_label: int = 40) -> tuple[list[Photo], np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    rng = np.random.default_rng(0)
    photos, rows = [], []
    for place, label in enumerate(("metal", "paper", "shoes")):
        for number in range(per_label):
            photos.append(_photo(f"{label}/{number}", label))
            rows.append(rng.normal(0, 1, 24) + 4 * np.repeat(np.eye(3)[place], 8))
    return photos, np.array(rows, dtype=np.float32)


def test_planted_mislabels_are_found_with_the_label_they_should_have() -> None:
    photos, features = _clouds()
    wrong = {3: "paper", 45: "shoes", 100: "metal"}
    for place, label in wrong.items():
        photos[place] = _photo(photos[place].path, label)
    found = find_mislabels(photos, features, np.arange(len(photos)), seed=0)
    assert {(one.photo.path, one.given, one.suggested) for one in found.suspects} == {
        ("metal/3", "paper", "metal"),
        ("paper/5", "shoes", "paper"),
        ("shoes/20", "metal", "shoes"),
    }
    assert all(one.score < 0.2 for one in found.suspects)
    assert [one.score for one in found.suspects] == sorted(one.score for one in found.suspects)
    assert found.judged == 120
    assert found.agreement == pytest.approx(117 / 120)


def test_a_photo_is_never_judged_by_its_own_copy() -> None:
    """A mislabelled pair of copies: judged apart they would vouch for each other."""
    _, features = _clouds()
    strange = np.full(24, -30.0, dtype=np.float32)
    features[[10, 11]] = strange
    columns = np.repeat(np.arange(3), 40)
    alone = out_of_fold_probabilities(features, columns, np.arange(120), seed=0)
    groups = np.arange(120)
    groups[11] = 10
    together = out_of_fold_probabilities(features, columns, groups, seed=0)
    assert together[[10, 11], 0].max() < alone[[10, 11], 0].max()
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-9)


def test_labels_too_rare_to_judge_and_sets_of_labels_are_left_out_and_counted() -> None:
    photos, features = _clouds()
    photos[0] = _photo("rare", "battery")
    photos[1] = _photo("set", "metal|paper")
    found = find_mislabels(photos, features, np.arange(len(photos)), seed=0)
    assert (found.left_out, found.unsure, found.judged) == ({"battery": 1}, 1, 118)


def test_one_label_alone_cannot_be_judged() -> None:
    photos, features = _clouds()
    found = find_mislabels(photos[:40], features[:40], np.arange(40), seed=0)
    assert (found.suspects, found.judged) == ((), 0)


@pytest.fixture
def report() -> Report:
    scanned = [
        _seen("a.png", digest="x", code=0),
        _seen("b.png", "paper", digest="x", code=0, bars=Bars(top=30)),
        _seen("c.png", "paper", "other", code=1),
        Scanned(_photo("tiny.png"), 64, 40, "t", 2**40 - 1, 2**50 - 1, Bars(), FINE),
    ]
    broken = [UnreadablePhoto(_photo("broken.jpg"), "truncated", "at byte 7")]
    suspects = tuple(Suspect(_photo(f"{n}.png"), "metal", "paper", n / 100) for n in range(12))
    return make_report(scanned, broken, 6, Mislabels(suspects, 200, 0.9, {"trash": 2}, 5))


def test_the_text_names_every_fault_and_cuts_long_lists(report: Report) -> None:
    text = report_as_text(report)
    for line in (
        "1 of 5 files unreadable",
        "  broken.jpg: truncated (at byte 7)",
        "1 photos at or under 64x64",
        "  tiny.png: 64x40",
        "exact duplicates: 1 spare photos in 1 groups, 1 with different labels",
        "  a.png (metal) = b.png (paper)",
        "near duplicates: 2 pairs within 6 of 64 bits, 2 across sources, 1 with different labels",
        "  a.png (metal) ~ c.png (paper): 1 bits",
        "suspected mislabels: 12 of 200 photos; the model agrees with 90.0%; "
        "5 have several possible labels and are not judged; too few to judge: trash",
        "  most often: metal -> paper 12",
        "  0.png: metal -> paper, score 0.0000",
        "  ... and 3 more",
    ):
        assert line in text.split("\n"), line


def test_a_report_without_a_probe_says_so(report: Report) -> None:
    plain = make_report([_seen("a.png")], [], 6)
    assert report_as_text(plain).endswith("suspected mislabels: not looked for")
    assert report_as_json(plain)["mislabels"] is None


def test_the_json_holds_everything(report: Report) -> None:
    told = json.loads(json.dumps(report_as_json(report), allow_nan=False))
    assert told["photos"] == 5
    assert told["unreadable"] == [{"file": "broken.jpg", "problem": "truncated", "detail": "at byte 7"}]
    assert told["small"] == [{"file": "tiny.png", "width": 64, "height": 40}]
    assert told["exact_duplicates"][0]["labels_differ"] is True
    assert len(told["near_duplicates"]["pairs"]) == 2
    assert told["balance"]["labels"]["metal"] == {"sure": 2, "possible": 0, "missing": 998}
    assert told["padding"]["labels"]["paper"]["above_below"] == 0.5
    assert len(told["mislabels"]["suspects"]) == 12
    assert told["mislabels"]["suspects"][1] == {
        "file": "1.png",
        "given": "metal",
        "suggested": "paper",
        "score": 0.01,
    }


def test_a_sheet_has_a_place_for_each_cell() -> None:
    red = np.zeros((50, 90, 3), dtype=np.uint8)
    red[..., 0] = 255
    sheet = np.asarray(draw_sheet([Cell((red,), ("metal -> paper", "x" * 500))] * 5, columns=3))
    centre = THUMBNAIL // 2 + 8
    is_red = (sheet[..., 0] > 200) & (sheet[..., 1] < 60)
    rows = np.flatnonzero(is_red.any(axis=1))
    columns = np.flatnonzero(is_red[centre])
    assert len(columns) == 3 * 90
    assert len(rows) == 2 * 50
    words = sheet[8 + THUMBNAIL : rows[50]]
    assert (words < 100).any()


def test_the_pictures_are_of_pairs_that_disagree_and_of_suspects(tmp_path: Path) -> None:
    for name in ("a.png", "c.png"):
        write_photo(tmp_path, name, scene(1))
    suspects = (Suspect(_photo("a.png"), "metal", "paper", 0.01),)
    scanned = [_seen("a.png"), _seen("c.png", "paper", code=1)]
    report = make_report(scanned, [], 6, Mislabels(suspects, 2, 0.5, {}, 0))
    folder = tmp_path / "pictures"
    written = write_pictures(report, tmp_path, folder)
    assert [file.name for file in written] == ["duplicates.jpg", "mislabels.jpg"]
    assert all(file.stat().st_size > 1_000 for file in written)
    assert write_pictures(make_report(scanned[:1], [], 6), tmp_path, folder) == []
    assert list(folder.iterdir()) == []


def test_class_folders_give_any_label_and_hidden_entries_are_passed_over(tmp_path: Path) -> None:
    for path in ("cans/b.png", "cans/a.JPG", "odd label/c.png", ".cache/d.png", "cans/.e.png"):
        write_photo(tmp_path, path, scene(1, 16, 16))
    (tmp_path / "cans" / "notes.txt").touch()
    (tmp_path / "cans" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert [(photo.path, photo.labels) for photo in photos_by_class_folder(tmp_path)] == [
        ("cans/a.JPG", ("cans",)),
        ("cans/b.png", ("cans",)),
        ("cans/gone.jpg", ("cans",)),
        ("odd label/c.png", ("odd label",)),
    ]


def test_a_folder_without_class_folders_is_refused(tmp_path: Path) -> None:
    write_photo(tmp_path, "loose.png", scene(1, 16, 16))
    with pytest.raises(DataError, match="expected folders named after labels"):
        photos_by_class_folder(tmp_path)
