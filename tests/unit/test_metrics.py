"""The measures, held against scikit-learn, scipy and plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn import metrics as oracle

from training.metrics import (
    Bools,
    Floats,
    Ints,
    Proportion,
    auroc,
    bootstrap_interval,
    brier_score,
    class_scores,
    confusion_counts,
    coverage_curve,
    false_positives_at,
    negative_log_likelihood,
    reliability,
    right,
)

LABELS = 12
NO_FLOATS: Floats = np.zeros(0)
NO_BOOLS: Bools = np.zeros(0, dtype=np.bool_)


def one_hot(labels: Ints, classes: int = LABELS) -> Bools:
    rows: Bools = np.eye(classes, dtype=np.bool_)[labels]
    return rows


def random_case(seed: int, photos: int = 400) -> tuple[Floats, Ints]:
    """Probabilities that favour the truth, and the truth."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, LABELS, photos)
    logits = rng.normal(size=(photos, LABELS))
    logits[np.arange(photos), labels] += 1.5
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True), labels


@st.composite
def confidences_and_hits(draw: st.DrawFn) -> tuple[Floats, Bools]:
    pairs = draw(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
    return np.array([c for c, _ in pairs]), np.array([h for _, h in pairs])


scores = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40).map(np.array)


@pytest.mark.parametrize(("count", "total"), [(0, 5), (5, 5), (1, 1), (0, 1), (7, 9), (961, 1000)])
def test_the_interval_of_a_proportion_is_wilsons(count: int, total: int) -> None:
    interval = Proportion(count, total).interval
    assert interval is not None
    expected = binomtest(count, total).proportion_ci(method="wilson")
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(st.integers(1, 10_000), st.data())
def test_a_proportion_lies_in_its_interval_inside_zero_and_one(total: int, data: st.DataObject) -> None:
    share = Proportion(data.draw(st.integers(0, total)), total)
    assert share.value is not None
    assert share.interval is not None
    assert 0 <= share.interval.low <= share.value <= share.interval.high <= 1


def test_a_proportion_of_nothing_is_undefined() -> None:
    nothing = Proportion.of(NO_BOOLS)
    assert (nothing.value, nothing.interval) == (None, None)


@pytest.mark.parametrize("seed", range(5))
def test_precision_recall_f1_and_confusion_agree_with_sklearn(seed: int) -> None:
    probabilities, labels = random_case(seed)
    predicted = probabilities.argmax(axis=1)
    ours = class_scores(predicted, one_hot(labels), np.eye(LABELS, dtype=np.bool_), labels)
    precision, recall, f1, support = oracle.precision_recall_fscore_support(
        labels, predicted, labels=range(LABELS), zero_division=0
    )
    assert np.allclose(ours.precision, precision)
    assert np.allclose(ours.recall, recall)
    assert np.allclose(ours.f1, f1)
    assert ours.support.tolist() == support.tolist()
    assert ours.macro_f1 == pytest.approx(oracle.f1_score(labels, predicted, average="macro"))
    assert ours.macro_recall == pytest.approx(oracle.balanced_accuracy_score(labels, predicted))
    counts = confusion_counts(predicted, labels, (LABELS, LABELS))
    assert counts.tolist() == oracle.confusion_matrix(labels, predicted, labels=range(LABELS)).tolist()


def test_macro_f1_leaves_out_absent_labels_and_counts_unfound_ones_as_zero() -> None:
    labels, predicted = np.array([0, 0, 1, 2]), np.array([0, 3, 0, 2])
    ours = class_scores(predicted, one_hot(labels, 4), np.eye(4, dtype=np.bool_), labels)
    expected = oracle.f1_score(labels, predicted, labels=[0, 1, 2], average="macro", zero_division=0)
    assert ours.macro_f1 == pytest.approx(expected)
    assert math.isnan(ours.f1[3])
    assert ours.precision[3] == 0
    assert math.isnan(ours.precision[1])


def test_any_label_of_a_set_is_right() -> None:
    truth = np.array([[True, True, False], [True, True, False], [False, False, True]])
    predicted = np.array([1, 2, 2])
    assert right(predicted, truth).tolist() == [True, False, True]


def test_a_set_costs_precision_only_where_it_is_called_something_else() -> None:
    # Two photos of the set {0, 1}: one called 1 (right), one called 2 (wrong); one photo of 2, called 2.
    truth = np.array([[True, True, False], [True, True, False], [False, False, True]])
    predicted = np.array([1, 2, 2])
    single = class_scores(predicted, truth, np.eye(3, dtype=np.bool_), np.array([-1, -1, 2]))
    assert single.support.tolist() == [0, 0, 1]
    assert single.precision[1:].tolist() == [1.0, 0.5]
    assert single.recall[2] == 1.0
    rows = class_scores(predicted, truth, np.array([[True, True, False], [False, False, True]]), np.array([0, 0, 1]))
    assert rows.recall.tolist() == [0.5, 1.0]
    assert rows.precision.tolist() == [1.0, 0.5]
    assert rows.f1 == pytest.approx([2 / 3, 2 / 3])


def test_ece_is_the_weighted_gap_that_a_plain_loop_finds() -> None:
    probabilities, labels = random_case(3, 1000)
    confidence, hits = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    expected = 0.0
    for bin_ in range(15):
        low, high = bin_ / 15, (bin_ + 1) / 15
        inside = [i for i in range(1000) if low < confidence[i] <= high]
        if inside:
            gap = abs(np.mean([hits[i] for i in inside]) - np.mean([confidence[i] for i in inside]))
            expected += len(inside) / 1000 * gap
    assert reliability(confidence, hits).ece == pytest.approx(expected)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below_and_zero_to_the_first() -> None:
    edges = np.linspace(0, 1, 16)
    assert reliability(edges, np.ones(16, np.bool_)).count.tolist() == [2, *[1] * 14]


@given(confidences_and_hits())
def test_every_photo_is_in_one_bin_and_ece_is_between_zero_and_one(case: tuple[Floats, Bools]) -> None:
    bins = reliability(*case)
    assert bins.count.sum() == len(case[0])
    assert 0 <= bins.ece <= 1


@given(confidences_and_hits())
def test_a_model_that_states_its_accuracy_is_perfectly_calibrated(case: tuple[Floats, Bools]) -> None:
    _, hits = case
    assert reliability(np.full(len(hits), hits.mean()), hits).ece == pytest.approx(0, abs=1e-12)


def test_brier_and_likelihood_agree_with_sklearn_on_single_labels() -> None:
    probabilities, labels = random_case(1)
    truth = one_hot(labels)
    assert negative_log_likelihood(probabilities, truth) == pytest.approx(
        oracle.log_loss(labels, probabilities, labels=range(LABELS))
    )
    assert brier_score(probabilities, truth) == pytest.approx(
        oracle.brier_score_loss(labels, probabilities, labels=range(LABELS), scale_by_half=False)
    )


def test_brier_and_likelihood_take_a_set_as_one_merged_label() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2]])
    truth = np.array([[True, True, False]])
    assert brier_score(probabilities, truth) == pytest.approx(0.2**2 + 0.2**2)
    assert negative_log_likelihood(probabilities, truth) == pytest.approx(-math.log(0.8))


def test_a_truth_of_probability_zero_leaves_the_likelihood_finite() -> None:
    assert negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([[False, True]])) == pytest.approx(-math.log(1e-15))


@given(confidences_and_hits())
def test_each_point_of_the_coverage_curve_is_what_its_threshold_answers(case: tuple[Floats, Bools]) -> None:
    confidence, hits = case
    curve = coverage_curve(confidence, hits)
    assert sorted(set(confidence.tolist()), reverse=True) == curve.threshold.tolist()
    for threshold, coverage, accuracy in zip(curve.threshold, curve.coverage, curve.accuracy, strict=True):
        answered = confidence >= threshold
        assert coverage == pytest.approx(answered.mean())
        assert accuracy == pytest.approx(hits[answered].mean())
    assert curve.coverage[-1] == 1.0
    assert curve.accuracy[-1] == pytest.approx(hits.mean())


def test_the_curve_tells_accuracy_at_a_coverage_and_coverage_at_an_accuracy() -> None:
    curve = coverage_curve(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True]))
    assert curve.accuracy_at(0.5) == 1.0
    assert curve.accuracy_at(0.51) == pytest.approx(2 / 3)
    assert curve.coverage_at(0.99) == 0.5
    assert curve.coverage_at(0.75) == 1.0
    assert coverage_curve(np.array([0.9]), np.array([False])).coverage_at(0.5) == 0.0


@pytest.mark.parametrize("photos", [1, 5, 101, 102, 4000])
def test_a_thinned_curve_keeps_both_ends_and_at_most_the_points_asked_for(photos: int) -> None:
    rng = np.random.default_rng(0)
    curve = coverage_curve(rng.random(photos), rng.random(photos) < 0.5)
    thin = curve.thinned()
    assert len(thin.coverage) == min(photos, 101)
    assert (thin.coverage[0], thin.coverage[-1]) == (curve.coverage[0], 1.0)
    assert (np.diff(thin.coverage) > 0).all()


@given(scores, scores)
def test_auroc_agrees_with_sklearn_also_on_ties(positive: Floats, negative: Floats) -> None:
    is_positive = np.repeat([1, 0], [len(positive), len(negative)])
    expected = oracle.roc_auc_score(is_positive, np.concatenate([positive, negative]))
    assert auroc(positive, negative) == pytest.approx(expected)


@given(scores, scores)
def test_auroc_of_the_swapped_classes_is_its_complement(positive: Floats, negative: Floats) -> None:
    assert auroc(positive, negative) + auroc(negative, positive) == pytest.approx(1)


@given(scores, scores)
def test_fpr95_is_the_least_that_sklearns_roc_curve_has_at_95_percent(positive: Floats, negative: Floats) -> None:
    is_positive = np.repeat([1, 0], [len(positive), len(negative)])
    false_rate, true_rate, _ = oracle.roc_curve(
        is_positive, np.concatenate([positive, negative]), drop_intermediate=False
    )
    expected = false_rate[true_rate >= 0.95 - 1e-9].min()
    assert false_positives_at(0.95, positive, negative).value == pytest.approx(expected)


def test_measures_of_no_photos_are_undefined_and_raise_nothing() -> None:
    none = np.zeros((0, LABELS))
    no_truth = np.zeros((0, LABELS), dtype=np.bool_)
    no_columns = np.zeros(0, dtype=np.intp)
    assert math.isnan(brier_score(none, no_truth))
    assert math.isnan(negative_log_likelihood(none, no_truth))
    assert math.isnan(reliability(NO_FLOATS, NO_BOOLS).ece)
    assert math.isnan(auroc(NO_FLOATS, np.ones(1)))
    assert coverage_curve(NO_FLOATS, NO_BOOLS).accuracy_at(0.5) is None
    assert math.isnan(class_scores(no_columns, no_truth, np.eye(LABELS, dtype=np.bool_), no_columns).macro_f1)
    assert bootstrap_interval(lambda chosen: 0.0, no_columns) is None


def test_the_bootstrap_of_a_mean_agrees_with_the_normal_interval() -> None:
    values = np.random.default_rng(5).normal(10, 2, 400)
    interval = bootstrap_interval(lambda chosen: float(values[chosen].mean()), np.zeros(400, np.intp))
    assert interval is not None
    half = 1.96 * values.std() / 20
    assert (interval.low, interval.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.04)


def test_the_bootstrap_keeps_the_size_of_each_stratum_and_repeats_with_its_seed() -> None:
    strata = np.array([0, 0, 0, 1])
    sizes: list[list[int]] = []

    def watch(chosen: Ints) -> float:
        sizes.append(np.bincount(strata[chosen], minlength=2).tolist())
        return float(chosen.sum())

    first = bootstrap_interval(watch, strata, resamples=50)
    assert all(size == [3, 1] for size in sizes)
    assert bootstrap_interval(watch, strata, resamples=50) == first


def test_the_bootstrap_of_an_undefined_statistic_is_undefined() -> None:
    assert bootstrap_interval(lambda chosen: math.nan, np.zeros(3, np.intp), resamples=5) is None
