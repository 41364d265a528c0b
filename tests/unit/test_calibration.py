import numpy as np
import pytest

from inference.decision import calibrated
from inference.labels import LABELS, Label
from training import calibration
from training.calibration import LabelledLogits, fit_temperature, fit_thresholds

BATTERY = LABELS.index(Label.BATTERY)


def answers(count: int = 4000, temperature: float = 1.0, seed: int = 0) -> LabelledLogits:
    """Photos whose labels are drawn from the softmax of the logits over the temperature; a tenth shows no waste."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0.0, 3.0, (count, len(LABELS)))
    p = calibrated(logits, temperature)
    truth = (p.cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
    masks = np.eye(len(LABELS), dtype=np.bool_)[truth]
    masks[: count // 10] = False
    waste_logits = np.where(masks.any(axis=1), rng.normal(3.0, 1.0, count), rng.normal(-3.0, 1.0, count))
    return LabelledLogits(logits.astype(np.float32), waste_logits.astype(np.float32), masks)


@pytest.mark.parametrize("temperature", [0.6, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found_again(temperature: float) -> None:
    assert fit_temperature(answers(temperature=temperature)) == pytest.approx(temperature, rel=0.08)


def test_photos_of_no_waste_play_no_part_in_the_temperature() -> None:
    some = answers()
    waste = some.waste
    without = LabelledLogits(some.label_logits[waste], some.waste_logits[waste], some.masks[waste])
    assert fit_temperature(some) == fit_temperature(without)


def test_each_threshold_keeps_its_promise_on_the_photos_it_was_made_from() -> None:
    some = answers()
    thresholds = fit_thresholds(some, 1.0)
    waste = some.waste
    p, masks = calibrated(some.label_logits[waste], 1.0), some.masks[waste]
    scores = 1 / (1 + np.exp(-some.waste_logits[waste].astype(np.float64)))
    assert np.mean(scores >= thresholds.waste) >= calibration.WASTE_KEPT
    assert np.mean(p[masks] >= thresholds.candidate) >= calibration.TRUTH_AMONG_CANDIDATES
    lowest, highest = calibration.HAZARD_RANGE
    assert lowest <= thresholds.hazard_battery <= highest
    # So hard a network is seldom sure: answering nine in ten of its photos would be guessing.
    assert thresholds.answer == calibration.LEAST_SURE_ANSWER


def test_as_many_are_answered_as_can_be_right_often_enough() -> None:
    count = 1000
    truth = np.arange(count) % len(LABELS)
    strength = np.linspace(9.0, 5.0, count)
    called = np.where(np.arange(count) < 950, truth, (truth + 1) % len(LABELS))  # the least sure fifty are wrong
    logits = np.zeros((count, len(LABELS)), dtype=np.float32)
    logits[np.arange(count), called] = strength
    some = LabelledLogits(logits, np.full(count, 4.0, np.float32), np.eye(len(LABELS), dtype=np.bool_)[truth])
    answered = calibrated(logits, 1.0).max(axis=1) >= fit_thresholds(some, 1.0).answer
    right = called == truth
    assert np.mean(right[answered]) >= calibration.RIGHT_WHEN_ANSWERING
    assert 950 / answered.sum() - calibration.RIGHT_WHEN_ANSWERING < 0.001  # one more would be one too many


def test_the_battery_threshold_stays_low_however_sure_the_network_is() -> None:
    sure = answers(temperature=0.05)
    logits = np.where(sure.masks, 30.0, 0.0).astype(np.float32)
    thresholds = fit_thresholds(LabelledLogits(logits, sure.waste_logits, sure.masks), 1.0)
    assert thresholds.hazard_battery == 0.15


def _batteries(likely: list[float]) -> LabelledLogits:
    """Photos of batteries, each given this probability of being one, the rest going to metal."""
    metal = LABELS.index(Label.METAL)
    logits = np.full((len(likely), len(LABELS)), -30.0, np.float32)
    logits[:, BATTERY] = np.log(likely)
    logits[:, metal] = np.log1p(-np.array(likely))
    masks = np.zeros((len(likely), len(LABELS)), np.bool_)
    masks[:, BATTERY] = True
    return LabelledLogits(logits, np.full(len(likely), 4.0, np.float32), masks)


def test_the_battery_threshold_lets_nearly_every_battery_warn() -> None:
    likely = [0.15, *np.linspace(0.16, 0.9, 299)]
    threshold = fit_thresholds(_batteries(likely), 1.0).hazard_battery
    assert np.mean(np.array(likely) >= threshold) >= calibration.BATTERIES_WARNED
    assert threshold > calibration.HAZARD_RANGE[0]


def test_one_mislabelled_battery_does_not_warn_of_everything() -> None:
    assert fit_thresholds(_batteries([0.0001, *[0.9] * 60]), 1.0).hazard_battery == calibration.HAZARD_RANGE[0]


def test_bunri_asks_below_half_sure_even_where_every_validation_answer_was_right() -> None:
    likely = [0.999] * 50 + [0.51] * 50
    assert fit_thresholds(_batteries(likely), 1.0).answer >= calibration.LEAST_SURE_ANSWER
