"""Two models on the same photos."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bunri.comparison_report import comparison_json, comparison_text
from inference.labels import LABELS, Label
from training.labelled_photos import Sample
from training.model_comparison import (
    Comparison,
    DifferentPhotos,
    compare,
    dropped,
    is_drop,
    is_worse,
    mcnemar,
    unjudged,
)
from training.photo import Photo
from training.scored_photos import Scored

METAL, PAPER = (LABELS.index(each) for each in (Label.METAL, Label.PAPER))


def scored(said: list[int], truth: Sequence[tuple[str, ...]]) -> Scored:
    count = len(said)
    return Scored(
        tuple(Sample(Photo(f"{place}.jpg", labels, ""), "") for place, labels in enumerate(truth)),
        np.eye(len(LABELS))[said],
        np.ones(count),
        np.full(count, "answer"),
        np.zeros((count, len(LABELS)), np.bool_),
        np.zeros(count, np.bool_),
    )


def of_metal(right_before: int, right_after: int, photos: int = 20) -> Comparison:
    def model(right: int) -> Scored:
        return scored([METAL] * right + [PAPER] * (photos - right), [("metal",)] * photos)

    return compare(model(right_before), model(right_after))


def test_the_change_of_a_label_is_paired_by_photo() -> None:
    change = of_metal(10, 14).recall[Label.METAL]
    assert (change.photos, change.before, change.after) == (20, 0.5, 0.7)
    assert change.gain == pytest.approx(0.2)
    assert change.difference is not None
    # Four photos of twenty changed, all to the better: no resample can lose.
    assert 0 <= change.difference.low < 0.2 < change.difference.high < 0.5


def test_only_a_drop_beyond_the_margin_counts() -> None:
    assert dropped(of_metal(20, 19), 0.05) == ()
    assert dropped(of_metal(20, 18), 0.05) == (Label.METAL,)
    assert dropped(of_metal(18, 20), 0.0) == ()


def test_of_a_label_with_few_photos_nothing_is_said() -> None:
    comparison = of_metal(9, 0, photos=9)
    assert dropped(comparison, 0.05) == ()
    assert unjudged(comparison) == LABELS
    assert Label.METAL not in unjudged(of_metal(10, 10, photos=10))


def test_photos_of_a_set_and_of_no_waste_count_where_they_should() -> None:
    truth = [("brown-glass", "green-glass", "white-glass"), ("nonwaste",), ("metal",)]
    green = LABELS.index(Label.GREEN_GLASS)
    comparison = compare(scored([green, METAL, METAL], truth), scored([METAL, METAL, METAL], truth))
    assert comparison.accuracy.photos == 2
    assert (comparison.accuracy.before, comparison.accuracy.after) == (1.0, 0.5)
    assert set(comparison.recall) == {Label.METAL}
    assert (comparison.only_before, comparison.only_after) == (1, 0)


def test_other_photos_cannot_be_compared() -> None:
    with pytest.raises(DifferentPhotos):
        compare(scored([METAL], [("metal",)]), scored([METAL], [("paper",)]))


@pytest.mark.parametrize(("one", "other", "p"), [(0, 0, 1.0), (1, 1, 1.0), (0, 5, 0.0625), (2, 8, 0.109375)])
def test_the_exact_test_gives_the_binomial_tail(one: int, other: int, p: float) -> None:
    assert mcnemar(one, other) == pytest.approx(p)
    assert mcnemar(other, one) == pytest.approx(p)


def test_the_report_tells_every_label_and_the_direction() -> None:
    comparison = of_metal(10, 14)
    text = comparison_text(comparison, "old", "new", "photos")
    assert text.startswith("new beside old on photos")
    assert "metal                 20    50.0%    70.0%    +20.0" in text
    assert "right by old alone 0, by new alone 4; by chance with p = 0.125" in text
    assert comparison_json(comparison, "old", "new", "photos")["recall"]["metal"]["after"] == 0.7


def test_what_is_taken_for_no_waste_is_not_recognised() -> None:
    before = scored([METAL] * 20, [("metal",)] * 20)
    after = replace(before, decisions=np.array(["answer"] * 12 + ["not_waste"] * 8))
    comparison = compare(before, after)
    assert comparison.recall[Label.METAL].after == pytest.approx(0.6)
    assert dropped(comparison, 0.03) == (Label.METAL,)


def test_lost_warnings_and_other_things_taken_for_waste_are_drops() -> None:
    battery = LABELS.index(Label.BATTERY)
    truth = [("battery",)] * 10 + [("nonwaste",)] * 10
    before = replace(
        scored([battery] * 20, truth),
        decisions=np.array(["answer"] * 10 + ["not_waste"] * 10),
        battery_shown=np.array([True] * 10 + [False] * 10),
    )
    after = replace(before, decisions=np.full(20, "answer"), battery_shown=np.zeros(20, np.bool_))
    comparison = compare(before, after)
    assert comparison.recall[Label.BATTERY].gain == 0
    assert (comparison.warned.gain, comparison.turned_away.gain) == (-1, -1)
    assert is_drop(comparison.warned, 0.5)
    assert is_drop(comparison.turned_away, 0.5)
    assert not is_drop(compare(before, before).warned, 0)
    assert "battery warned" in comparison_text(comparison, "a", "b", "field")


def test_small_losses_everywhere_are_a_loss() -> None:
    comparison = of_metal(2_000, 1_950, photos=2_000)
    assert dropped(comparison, 0.03) == ()
    assert is_worse(comparison)
    assert not is_worse(of_metal(1_950, 2_000, photos=2_000))
    assert not is_worse(of_metal(20, 18))
