"""From what a model said of photos to the measures, the JSON and the text."""

import json
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from inference.answer import Decision, Hazard
from inference.errors import DecodeError, DecodeProblem
from inference.labels import LABELS, Label
from training.evaluate import About, Evaluation, evaluate
from training.evaluation_json import as_json
from training.evaluation_text import as_text
from training.labelled_photos import Sample
from training.photo import Photo
from training.scored_photos import Prediction, Unreadable, score_photos

ABOUT = About("tiny 1", "scripted", "photos", ("odd",), ("metal/notes.txt",))
GLASS = ("brown-glass", "green-glass", "white-glass")


def said(
    label: Label,
    confidence: float = 0.9,
    decision: Decision = Decision.ANSWER,
    candidates: tuple[Label, ...] = (),
    hazards: tuple[Hazard, ...] = (),
    waste_score: float = 0.9,
) -> Prediction:
    probabilities = np.full(len(LABELS), (1 - confidence) / (len(LABELS) - 1))
    probabilities[LABELS.index(label)] = confidence
    return Prediction(probabilities, waste_score, decision, candidates, hazards)


def sample(path: str, *labels: str, source: str = "", row: str | None = None) -> Sample:
    return Sample(Photo(path, labels, source), row or "|".join(labels))


def evaluated(tmp_path: Path, *photos: tuple[Sample, Prediction]) -> Evaluation:
    """Each photo is a file that holds its number, by which the scripted model knows it."""
    for number, (each, _) in enumerate(photos):
        (tmp_path / each.photo.path).write_text(str(number))
    return evaluate(
        *score_photos([each for each, _ in photos], tmp_path, lambda image: photos[int(image)][1], max_bytes=100)
    )


def test_decisions_are_counted_over_photos_of_waste(tmp_path: Path) -> None:
    evaluation = evaluated(
        tmp_path,
        (sample("1", "metal"), said(Label.METAL)),
        (sample("2", "metal"), said(Label.PAPER)),
        (
            sample("3", "metal"),
            said(Label.PAPER, 0.5, Decision.ASK, candidates=(Label.PAPER, Label.METAL)),
        ),
        (sample("4", "metal"), said(Label.PAPER, 0.4, Decision.ASK, candidates=(Label.PAPER, Label.TRASH))),
        (sample("5", "metal"), said(Label.METAL, decision=Decision.NOT_WASTE)),
        (sample("6", "nonwaste"), said(Label.METAL)),
    )
    assert evaluation.photos == 6
    assert evaluation.waste is not None
    assert (evaluation.waste.accuracy.count, evaluation.waste.accuracy.total) == (2, 5)
    decisions = evaluation.waste.decisions
    assert (decisions.answered.count, decisions.answered.total) == (2, 5)
    assert (decisions.answered_right.count, decisions.answered_right.total) == (1, 2)
    assert (decisions.asked.count, decisions.asked_with_truth.count) == (2, 1)
    assert decisions.refused.count == 1


def test_hazard_recall_is_over_batteries_and_false_alarms_over_what_cannot_be_one(tmp_path: Path) -> None:
    shown = (Hazard.BATTERY,)
    evaluation = evaluated(
        tmp_path,
        (sample("1", "battery"), said(Label.METAL, hazards=shown)),
        (sample("2", "battery"), said(Label.BATTERY)),
        (sample("3", "metal"), said(Label.METAL, hazards=shown)),
        (sample("4", "metal"), said(Label.METAL)),
        (sample("5", "metal"), said(Label.METAL)),
        (sample("6", "battery", "metal"), said(Label.METAL, hazards=shown)),
        (sample("7", "nonwaste"), said(Label.METAL, hazards=shown)),
    )
    assert evaluation.waste is not None
    assert evaluation.not_waste is not None
    recall, alarms = evaluation.waste.hazard_recall, evaluation.waste.hazard_false_alarms
    assert (recall.count, recall.total) == (1, 2)
    assert (alarms.count, alarms.total) == (1, 3)
    assert evaluation.not_waste.hazard_false_alarms.count == 1


def test_a_folder_of_several_labels_is_right_in_any_and_is_a_row_of_the_confusion(tmp_path: Path) -> None:
    evaluation = evaluated(
        tmp_path,
        (sample("1", *GLASS, row="glass"), said(Label.GREEN_GLASS)),
        (sample("2", *GLASS, row="glass"), said(Label.BROWN_GLASS)),
        (sample("3", *GLASS, row="glass"), said(Label.METAL)),
        (sample("4", "metal"), said(Label.METAL)),
    )
    waste = evaluation.waste
    assert waste is not None
    assert waste.accuracy.count == 3
    assert (waste.accuracy_one_label.count, waste.accuracy_one_label.total) == (1, 1)
    assert [(row.name, row.labels) for row in waste.rows] == [("glass", GLASS), ("metal", ("metal",))]
    glass = dict(zip(LABELS, waste.rows[0].counts.tolist(), strict=True))
    assert (glass[Label.GREEN_GLASS], glass[Label.BROWN_GLASS], glass[Label.METAL]) == (1, 1, 1)
    assert waste.row_scores.recall.tolist() == pytest.approx([2 / 3, 1])
    # Single labels: only metal has photos of its own; glass called metal costs it precision.
    assert waste.macro_f1_labels.value == pytest.approx(2 * 0.5 * 1 / 1.5)


def test_auroc_and_fpr95_come_from_the_waste_score(tmp_path: Path) -> None:
    evaluation = evaluated(
        tmp_path,
        (sample("1", "metal"), said(Label.METAL, waste_score=0.9)),
        (sample("2", "paper"), said(Label.PAPER, waste_score=0.4)),
        (sample("3", "nonwaste"), said(Label.METAL, waste_score=0.5)),
        (sample("4", "nonwaste"), said(Label.METAL, waste_score=0.1, decision=Decision.NOT_WASTE)),
    )
    scores = evaluation.not_waste
    assert scores is not None
    assert scores.auroc.value == pytest.approx(3 / 4)
    assert scores.fpr95 is not None
    assert scores.fpr95.value == 0.5
    assert (scores.refused.count, scores.answered.count, scores.photos) == (1, 1, 2)


def test_sources_are_scored_apart(tmp_path: Path) -> None:
    evaluation = evaluated(
        tmp_path,
        (sample("1", "metal", source="phone"), said(Label.METAL)),
        (sample("2", "paper", source="phone"), said(Label.METAL)),
        (sample("3", "metal", source="web"), said(Label.METAL)),
        (sample("4", "nonwaste", source="views"), said(Label.METAL, decision=Decision.NOT_WASTE)),
    )
    by_name = {each.source: each for each in evaluation.sources}
    assert list(by_name) == ["phone", "views", "web"]
    assert by_name["phone"].accuracy.value == 0.5
    assert by_name["phone"].macro_recall == 0.5
    assert by_name["web"].accuracy.value == 1
    assert by_name["views"].accuracy.value is None
    assert by_name["views"].refused.value == 1


def test_photos_that_cannot_be_read_are_listed_each_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"good")
    (tmp_path / "bad").write_bytes(b"bad")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")

    def predict(image: bytes) -> Prediction:
        if image == b"bad":
            raise DecodeError(DecodeProblem.CORRUPT, "no end")
        return said(Label.METAL)

    names = ["good", "bad", "gone", "folder", "loop", "pipe", "nul\0l"]
    scored, unreadable = score_photos([sample(name, "metal") for name in names], tmp_path, predict, max_bytes=100)
    assert [each.photo.path for each in scored.samples] == ["good"]
    assert [(each.path, each.error) for each in unreadable] == [
        ("bad", "corrupt"),
        ("gone", "not_found"),
        ("folder", "unreadable"),
        ("loop", "unreadable"),
        ("pipe", "unreadable"),
        ("nul\0l", "unreadable"),
    ]
    assert unreadable[0].detail == "no end"


def test_no_more_of_a_file_is_read_than_one_byte_over_the_cap(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(5000))
    lengths: list[int] = []

    def predict(image: bytes) -> Prediction:
        lengths.append(len(image))
        raise DecodeError(DecodeProblem.TOO_MANY_BYTES)

    score_photos([sample("big", "metal")], tmp_path, predict, max_bytes=100)
    assert lengths == [101]


def test_photos_are_not_kept_while_others_are_scored(tmp_path: Path) -> None:
    size, count = 1_000_000, 40
    (tmp_path / "photo").write_bytes(bytes(size))
    tracemalloc.start()
    try:
        scored, _ = score_photos(
            [sample("photo", "metal")] * count, tmp_path, lambda _: said(Label.METAL), max_bytes=size
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(scored.samples) == count
    assert peak < 4 * size


def test_the_json_has_no_nan_and_null_for_what_is_undefined(tmp_path: Path) -> None:
    evaluation = evaluated(tmp_path, (sample("1", "metal"), said(Label.METAL)))
    document = json.loads(json.dumps(as_json(evaluation, ABOUT), allow_nan=False))
    assert document["not_waste"] is None
    assert document["waste"]["accuracy"]["value"] == 1
    assert document["waste"]["hazard_battery"]["recall"] == {
        "value": None,
        "low": None,
        "high": None,
        "count": 0,
        "total": 0,
    }
    by_label = {each["label"]: each for each in document["waste"]["labels"]}
    assert by_label["metal"]["f1"] == 1
    assert by_label["paper"] == {"label": "paper", "photos": 0, "precision": None, "recall": None, "f1": None}
    assert sum(document["waste"]["reliability"]["photos"]) == 1


def test_photos_of_no_waste_alone_are_scored_without_a_comparison(tmp_path: Path) -> None:
    evaluation = evaluated(tmp_path, (sample("1", "nonwaste"), said(Label.METAL, decision=Decision.NOT_WASTE)))
    document = json.loads(json.dumps(as_json(evaluation, ABOUT), allow_nan=False))
    assert document["waste"] is None
    assert document["not_waste"]["auroc"]["value"] is None
    assert document["not_waste"]["refused"]["value"] == 1
    assert "taken for no waste" in as_text(evaluation, ABOUT)


def test_an_evaluation_of_nothing_readable_still_lists_what_was_not(tmp_path: Path) -> None:
    evaluation = evaluate(*score_photos([sample("gone", "metal")], tmp_path, lambda _: said(Label.METAL), max_bytes=1))
    assert evaluation.unreadable == (Unreadable("gone", "not_found", ""),)
    assert "gone: not_found" in as_text(evaluation, ABOUT)
    assert as_json(evaluation, ABOUT)["photos"] == 0


def test_the_text_tells_the_measures_the_confusions_and_what_was_left_out(tmp_path: Path) -> None:
    evaluation = evaluated(
        tmp_path,
        (sample("1", *GLASS, row="glass"), said(Label.METAL)),
        (sample("2", "metal"), said(Label.METAL)),
        (sample("3", "nonwaste", source="views"), said(Label.METAL, waste_score=0.1)),
    )
    text = as_text(evaluation, ABOUT)
    for line in (
        "tiny 1 on scripted",
        "photos: 3 photos scored, 0 unreadable",
        "glass called metal: 1",
        "Folders skipped by the mapping: odd",
        "ignored: 1",
    ):
        assert line in text
    assert "nan" not in text
    accuracy = next(line for line in text.splitlines() if line.strip().startswith("accuracy"))
    assert accuracy.split() == ["accuracy", "50.0", "%", "[9.5,", "90.5]", "1", "of", "2"]
