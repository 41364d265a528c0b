import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from inference.answer import Decision, Hazard
from inference.decision import calibrated, decide, ranking, sigmoid
from inference.labels import LABELS, Label
from inference.manifest import Thresholds

THRESHOLDS = Thresholds(answer=0.8, candidate=0.15, waste=0.5, hazard_battery=0.1)


def probabilities(**shares: float) -> NDArray[np.float64]:
    """The named shares (brown_glass for brown-glass); what is left is spread over the other labels."""
    given_to = {Label(name.replace("_", "-")): share for name, share in shares.items()}
    rest = (1.0 - sum(given_to.values())) / (len(LABELS) - len(given_to))
    return np.array([given_to.get(label, rest) for label in LABELS])


@pytest.mark.parametrize(
    ("shares", "waste_score", "decision", "candidates", "hazards"),
    [
        ({"paper": 0.8}, 0.9, Decision.ANSWER, ("paper",), ()),
        ({"paper": 0.79, "cardboard": 0.2}, 0.9, Decision.ASK, ("paper", "cardboard"), ()),
        ({"paper": 0.7}, 0.9, Decision.ASK, ("paper", "battery"), ()),
        (
            {"paper": 0.4, "cardboard": 0.3, "trash": 0.2},
            0.9,
            Decision.ASK,
            ("paper", "cardboard", "trash"),
            (),
        ),
        (
            {"paper": 0.2, "cardboard": 0.19, "trash": 0.18, "metal": 0.17, "shoes": 0.16},
            0.9,
            Decision.ASK,
            ("paper", "cardboard", "trash", "metal"),
            (),
        ),
        ({"battery": 0.9}, 0.9, Decision.ANSWER, ("battery",), (Hazard.BATTERY,)),
        ({"metal": 0.85, "battery": 0.1}, 0.9, Decision.ANSWER, ("metal",), (Hazard.BATTERY,)),
        ({"paper": 0.9}, 0.49, Decision.NOT_WASTE, (), ()),
        ({"battery": 0.9}, 0.49, Decision.NOT_WASTE, (), (Hazard.BATTERY,)),
        ({"paper": 0.9}, 0.5, Decision.ANSWER, ("paper",), ()),
    ],
)
def test_the_decision_follows_the_table(
    shares: dict[str, float],
    waste_score: float,
    decision: Decision,
    candidates: tuple[str, ...],
    hazards: tuple[Hazard, ...],
) -> None:
    verdict = decide(probabilities(**shares), waste_score, THRESHOLDS)
    assert verdict.decision is decision
    assert verdict.candidates == candidates
    assert verdict.hazards == hazards


finite_logits = arrays(np.float32, 12, elements=st.floats(-(2.0**100), 2.0**100, width=32))


@given(finite_logits, st.floats(0.05, 20.0))
def test_calibrated_probabilities_sum_to_one_for_any_finite_logits(
    logits: NDArray[np.float32], temperature: float
) -> None:
    p = calibrated(logits, temperature)
    assert p.dtype == np.float64
    assert np.all((p >= 0) & (p <= 1))
    assert np.isclose(p.sum(), 1.0)


@given(arrays(np.float32, 12, elements=st.floats(-50, 50, width=32), unique=True), st.floats(0.5, 5.0))
def test_temperature_never_changes_the_likeliest_label(logits: NDArray[np.float32], temperature: float) -> None:
    p = calibrated(logits, temperature)
    assert p[int(np.argmax(logits))] == p.max()


@given(finite_logits, st.floats(0.0, 1.0))
def test_a_question_always_offers_two_to_four_labels_likeliest_first(
    logits: NDArray[np.float32], waste_score: float
) -> None:
    p = calibrated(logits, 1.0)
    verdict = decide(p, waste_score, THRESHOLDS)
    if verdict.decision is Decision.ASK:
        shares = [p[LABELS.index(label)] for label in verdict.candidates]
        assert 2 <= len(shares) <= 4
        assert shares == sorted(shares, reverse=True)
        assert shares[0] == p.max()
    else:
        assert len(verdict.candidates) == (verdict.decision is Decision.ANSWER)


def test_equal_probabilities_keep_the_order_of_the_labels() -> None:
    assert ranking(np.full(12, 1 / 12)) == tuple(range(12))


@pytest.mark.parametrize(("logit", "expected"), [(0.0, 0.5), (1e4, 1.0), (-1e4, 0.0), (2.0, 0.8807970779778823)])
def test_the_sigmoid_is_right_and_does_not_overflow(logit: float, expected: float) -> None:
    assert sigmoid(logit) == pytest.approx(expected, abs=1e-12)
