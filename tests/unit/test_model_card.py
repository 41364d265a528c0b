"""The model card states every target, and a miss as a miss."""

from datetime import date

import pytest

from inference.labels import LABELS
from inference.manifest import ClassifierManifest, Thresholds
from inference.preprocess import Fit
from training.model_card import TARGETS, model_card, overview, targets_table


def _manifest(name: str, figures: dict[str, float | str]) -> ClassifierManifest:
    return ClassifierManifest(
        name=name,
        version="1",
        task="classifier",
        architecture="efficientnet_lite2",
        labels=LABELS,
        input_side=240,
        fit=Fit.PAD,
        files=(),
        temperature=1.2,
        thresholds=Thresholds(answer=0.7, candidate=0.05, waste=0.4, hazard_battery=0.1),
        figures=figures,
        command="bunri weights pack runs/x",
        created=date(2026, 11, 23),
        data={"split_sha256": "0" * 64, "photos": {"train": 3, "test": 1}},
    )


@pytest.mark.parametrize(("value", "met"), [(0.9599, False), (0.96, True), (1.0, True)])
def test_a_figure_is_met_from_its_target_on(value: float, met: bool) -> None:
    target = next(target for target in TARGETS if target.key == "test_top1")
    assert target.met(value) is met


def test_a_figure_where_less_is_better_is_met_below_its_target() -> None:
    ece = next(target for target in TARGETS if target.key == "test_ece")
    assert ece.met(0.03)
    assert not ece.met(0.031)


def test_a_miss_and_a_missing_measurement_are_said() -> None:
    table = targets_table(_manifest("x", {"test_top1": 0.94}))
    row = next(line for line in table.splitlines() if "top-1, 12 labels" in line)
    assert "94.0 %" in row
    assert "**missed**" in row
    assert table.count("not measured") == len(TARGETS) - 1


def test_the_card_names_its_commands_thresholds_and_counts() -> None:
    card = model_card(_manifest("x", {"test_top1": 0.97}), "bunri evaluate --part test")
    for words in ("bunri weights pack runs/x", "bunri evaluate --part test", "answer 0.700", "train 3, test 1"):
        assert words in card


def test_the_overview_puts_the_models_side_by_side() -> None:
    text = overview([_manifest("a", {"test_top1": 0.97}), _manifest("b", {"test_top1": 0.5})], "a")
    row = next(line for line in text.splitlines() if line.startswith("| top-1, 12 labels"))
    assert row.endswith("| 97.0 % | **50.0 %** |")
    assert "a (default)" in text
