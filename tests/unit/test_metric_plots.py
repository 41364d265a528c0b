"""The pictures are real PNGs, and draw what was measured."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from PIL import Image

from inference.labels import LABELS
from training.evaluate import WasteScores, evaluate
from training.labelled_photos import Sample
from training.metric_plots import confusion_figure, coverage_figure, reliability_figure, write_pictures
from training.photo import Photo
from training.scored_photos import Scored


def waste_scores(photos: int, row: str | None = None) -> WasteScores:
    rng = np.random.default_rng(photos)
    truth = rng.integers(0, len(LABELS), photos)
    logits = rng.normal(size=(photos, len(LABELS)))
    logits[np.arange(photos), truth] += 3
    powers = np.exp(logits)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    decisions = np.where(probabilities.max(axis=1) > 0.5, "answer", "ask")
    samples = tuple(Sample(Photo(str(n), (LABELS[k],), ""), row or LABELS[k]) for n, k in enumerate(truth))
    none = np.zeros((photos, len(LABELS)), dtype=np.bool_)
    scored = Scored(samples, probabilities, np.ones(photos), decisions, none, none[:, 0])
    waste = evaluate(scored).waste
    assert waste is not None
    return waste


def test_three_pictures_are_written_into_a_new_folder(tmp_path: Path) -> None:
    written = write_pictures(waste_scores(300), tmp_path / "new" / "pictures")
    assert [path.name for path in written] == ["reliability.png", "confusion.png", "coverage.png"]
    for path in written:
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            assert min(picture.size) > 500
            assert len(set(picture.convert("L").tobytes())) > 20


@pytest.mark.parametrize("row", ["유리병", "$x_1$ \\frac", "ไทย"])
def test_folder_names_in_any_script_are_drawn_without_a_warning(tmp_path: Path, row: str) -> None:
    assert len(write_pictures(waste_scores(1, row), tmp_path)) == 3


def test_the_confusion_picture_writes_every_count_that_is_not_zero() -> None:
    waste = waste_scores(200)
    counts = np.array([row.counts for row in waste.rows])
    drawn = [int(text.get_text()) for text in confusion_figure(waste).axes[0].texts]
    assert sorted(drawn) == sorted(counts[counts > 0].tolist())


def test_the_coverage_picture_shows_the_curve_and_the_point_decided_on() -> None:
    waste = waste_scores(200)
    axes = coverage_figure(waste).axes[0]
    assert np.allclose(axes.lines[0].get_xydata(), np.stack([waste.curve.coverage, waste.curve.accuracy], axis=1))
    ((x, y),) = np.asarray(axes.collections[0].get_offsets())
    assert (x, y) == (waste.decisions.answered.value, waste.decisions.answered_right.value)


def test_the_reliability_picture_has_a_bar_for_each_bin_in_use() -> None:
    waste = waste_scores(200)
    patches = reliability_figure(waste).axes[0].patches
    heights = [bar.get_height() for bar in patches if isinstance(bar, Rectangle)]
    used = waste.reliability.count > 0
    assert heights == pytest.approx(waste.reliability.accuracy[used].tolist())
