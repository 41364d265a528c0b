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
    assert np.mean(p[masks[:, BATTERY], BATTERY] >= thresholds.hazard_battery) >= calibration.BATTERIES_WARNED
    # So hard a network cannot be right often enough: then the share of answers decides.
    assert np.mean(p.max(axis=1) >= thresholds.answer) == pytest.approx(calibration.FEWEST_ANSWERED, abs=0.001)


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
