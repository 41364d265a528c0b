"""From results to a report: figures in the text are those of the results, and verdicts follow from them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.comparison_tasks import recipe
from training.comparison.architectures import Name
from training.comparison.explanation import explain
from training.comparison.near_misses import errors_by_group
from training.comparison.notes import Notes
from training.comparison.plan import FinalTrial, final_trial, rung_trial
from training.comparison.recipe import Near, TaskRecipe
from training.comparison.report import write_report
from training.comparison.run_folder import Run, read_run
from training.comparison.summary import confusion, duel, table, winners
from training.comparison.trial_record import Epoch, TrialResult
from training.data_recipe import DataError
from training.photo import Photo
from training.split import Assigned, Part, write_split

LABELS = ("20s-f", "20s-m", "30s-f", "30s-m")
TESTED = 40
NEAR = {"name": "decade", "group": r"^(\d+s)", "pairs": [["20s-f", "30s-f"], ["20s-m", "30s-m"]]}
STEP = {"name": "step", "epochs": 4, "warmup": 0, "step_epochs": 2, "gamma": 0.1}


def task() -> TaskRecipe:
    return recipe(
        architectures=["densenet201", "resnet18"],
        near=NEAR,
        seeds=[0, 1],
        ema=0.9,
        mirror_test=True,
        search={"rates": [1e-3, 3e-4], "rungs": [{"epochs": 1, "keep": 1}]},
        explain="densenet201",
        metrics=["accuracy", "macro_recall", "macro_f1"],
        settings=[
            {"name": "cosine", "schedule": {"epochs": 4}},
            {"name": "late", "schedule": {**STEP, "step_epochs": 3}},
            {"name": "other", "role": "beside", "init": "imagenet", "schedule": STEP, "architectures": ["resnet18"]},
            {"name": "taught", "role": "beside", "schedule": STEP, "architectures": ["densenet201"]},
            {
                "name": "slow",
                "role": "beside",
                "optimiser": "sgd",
                "lr": 1e-3,
                "schedule": {"epochs": 4},
                "architectures": ["densenet201"],
            },
            {"name": "step2", "role": "predecessor", "optimiser": "sgd", "lr": 1e-3, "schedule": STEP, "seeds": 1},
            {
                "name": "head",
                "role": "predecessor",
                "optimiser": "sgd",
                "lr": 1e-3,
                "fault": "fc_replaced",
                "schedule": STEP,
                "architectures": ["densenet201"],
            },
        ],
    )


def rows() -> list[Assigned]:
    parts = [Part.TEST] * TESTED + [Part.VAL] * 8 + [Part.TRAIN] * 40
    return [
        Assigned(Photo(f"{place:03}.png", (LABELS[place % 4],), "tiny"), part, place)
        for place, part in enumerate(parts)
    ]


def truth() -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.arange(TESTED) % 4


def outcome(
    name: Name,
    setting: str,
    seed: int = 0,
    *,
    wrong: int = 0,
    losses: tuple[float, ...] = (2.0, 1.0, 0.5, 0.1),
    val: float = 0.9,
    **changes: Any,
) -> TrialResult:
    """A result whose first ``wrong`` test pictures are called by the label two places on: the near one."""
    chosen = next(each for each in task().settings if each.name == setting)
    trial = final_trial(task(), FinalTrial(name, chosen, seed), 3e-4, "x")
    predicted = truth()
    predicted[:wrong] = (predicted[:wrong] + 2) % 4
    curves = tuple(
        Epoch(epoch=n, lr=1e-3, train_loss=loss, train_accuracy=0.5, val_loss=loss, val_accuracy=val, seconds=60)
        for n, loss in enumerate(losses, start=1)
    )
    known: dict[str, Any] = {
        "trial": trial,
        "curves": curves,
        "best_epoch": len(curves),
        "test_predicted": tuple(predicted.tolist()),
        "columns": 4,
        "parameters": 18_100_000,
        "device": "cpu",
    }
    return TrialResult(**{**known, **changes})


def run(*finals: TrialResult, searches: tuple[TrialResult, ...] = ()) -> Run:
    notes = Notes(photos=88, pictures=dict.fromkeys(LABELS, 22), without_face=("001.png",))
    return Run(task(), notes, LABELS, tuple(rows()), truth(), searches, finals, {})


def told(*finals: TrialResult) -> str:
    known = run(*finals)
    return "\n".join(explain(known, table(known), "densenet201"))


CURED = outcome("densenet201", "cosine", wrong=1)


def test_a_row_holds_mean_and_spread_over_its_seeds() -> None:
    known = run(outcome("resnet18", "cosine", 0, wrong=4), outcome("resnet18", "cosine", 1, wrong=8))
    [row] = table(known)
    accuracy = row.test["accuracy"]
    assert (accuracy.mean, accuracy.deviation) == pytest.approx((0.85, np.std([0.9, 0.8], ddof=1)))
    assert str(accuracy) == "85.0% ± 7.1%"
    assert row.test["macro_recall"].mean == pytest.approx(0.85)
    assert row.accuracy == pytest.approx(0.85)


def test_our_setting_is_chosen_on_validation_and_no_other_ever() -> None:
    known = run(
        outcome("resnet18", "cosine", wrong=0, val=0.8),
        outcome("resnet18", "late", wrong=20, val=0.9),
        outcome("resnet18", "other", wrong=0, val=1.0),
        outcome("resnet18", "step2", wrong=0, val=1.0),
    )
    assert winners(table(known))["resnet18"].setting.name == "late"


def test_the_best_two_meet_seed_by_seed_on_the_same_pictures() -> None:
    known = run(CURED, outcome("resnet18", "cosine", wrong=9), outcome("resnet18", "cosine", 1, wrong=9))
    met = duel(*winners(table(known)).values())
    assert met.seeds == (0,)
    assert (met.only_first, met.only_second) == ((8,), (0,))
    assert met.p_values == pytest.approx((2 / 2**8,))
    assert met.gap == pytest.approx(8 / 40)
    assert met.difference is not None
    assert met.difference.low > 0
    assert met.is_sure


def test_two_rows_that_are_ahead_in_turn_are_not_told_apart() -> None:
    mine = [outcome("resnet18", "cosine", seed, wrong=9 * (1 - seed)) for seed in (0, 1)]
    other = [outcome("densenet201", "cosine", seed, wrong=9 * seed) for seed in (0, 1)]
    met = duel(*winners(table(run(*mine, *other))).values())
    assert met.p_value < 0.05
    assert met.gap == pytest.approx(0)
    assert not met.is_sure


def test_figures_are_of_the_seeds_that_both_have() -> None:
    known = run(outcome("resnet18", "cosine", 0, wrong=4), outcome("resnet18", "cosine", 1, wrong=40), CURED)
    best = winners(table(known))
    met = duel(best["densenet201"], best["resnet18"])
    assert met.seeds == (0,)
    assert met.gap == pytest.approx(3 / 40)


def test_answers_beyond_the_labels_have_a_column_of_their_own() -> None:
    predicted = truth()
    predicted[0] = 777
    known = run(CURED.model_copy(update={"test_predicted": tuple(predicted.tolist()), "columns": 1000}))
    [row] = table(known)
    counts = confusion(known, row)
    assert counts[0].tolist() == [9, 0, 0, 0, 1]
    assert row.test["macro_f1"].mean == pytest.approx((1 + 1 + 1 + 18 / 19) / 4)


def test_near_misses_are_counted_apart_by_group() -> None:
    counts = np.array([[5, 2, 3, 0, 0], [0, 9, 0, 1, 0], [0, 0, 4, 4, 2], [1, 0, 0, 9, 0]])
    groups = errors_by_group(counts, LABELS, Near.model_validate(NEAR))
    assert [(each.group, each.pictures, each.right, each.near, each.far) for each in groups] == [
        ("20s", 20, 14, 4, 2),
        ("30s", 20, 13, 0, 7),
        ("all", 40, 27, 4, 9),
    ]


def test_a_failure_is_called_reproduced_only_where_it_is_large_and_beyond_chance() -> None:
    far = told(CURED, outcome("densenet201", "step2", wrong=20, losses=(2.0, 1.9, 1.88, 1.88)))
    assert "the failure is reproduced" in far
    assert "Test accuracy 50.0%, ours 97.5%." in far
    close = told(CURED, outcome("densenet201", "step2", wrong=2))
    assert "these pictures do not tell the two apart" in close
    assert "reproduced" not in close
    better = told(outcome("densenet201", "cosine", wrong=30), outcome("densenet201", "step2", wrong=0))
    assert "It is ahead by 75.0 points" in better
    assert "reproduced" not in better


def test_a_fault_is_judged_beside_the_same_setting_without_it() -> None:
    harmless = told(CURED, outcome("densenet201", "step2", wrong=20), outcome("densenet201", "head", wrong=19))
    assert "The same without the fault (step2) gets 50.0%; the pictures do not tell the two apart" in harmless
    assert "the fault is not what made it fail" in harmless
    harmful = told(CURED, outcome("densenet201", "step2", wrong=4), outcome("densenet201", "head", wrong=20))
    assert "The same without the fault (step2) gets 90.0%: of what is lost, 40.0 points are the fault's" in harmful


def test_what_it_was_is_told_by_the_rows_that_change_one_half_alone() -> None:
    failed = outcome("densenet201", "step2", wrong=20)
    words = told(CURED, failed, outcome("densenet201", "taught", wrong=2), outcome("densenet201", "slow", wrong=18))
    assert "step2 loses 47.5 points" in words
    assert "The same schedule with adamw at 0.0003 (taught) reaches 95.0%" in words
    assert "another optimiser and rate bring +45.0 points" in words
    assert "a cosine of as many epochs (slow) reaches 55.0%: another schedule brings +5.0 points" in words
    assert "What it was" not in told(CURED, failed)
    assert "What it was" not in told(CURED, outcome("densenet201", "step2", wrong=2), outcome("densenet201", "taught"))


def test_the_explanation_says_how_much_was_learned_before_the_rate_fell() -> None:
    words = told(CURED, outcome("densenet201", "step2", wrong=20, losses=(2.0, 1.9, 1.88, 1.875), val=0.5))
    assert "2.000 after the first epoch, 1.900 after epoch 2" in words
    assert "1.875 at the end: 80% of that fall came before" in words
    assert "In our setting it came to 0.100 on the same pictures." in words
    assert "After epoch 2 validation accuracy moved from 50.0% to 50.0% only." in words
    other = told(CURED, outcome("densenet201", "step2", wrong=20, losses=(2.0, 1.0, 0.5, 0.05)))
    assert "In our setting it came to" not in other
    risen = told(CURED, outcome("densenet201", "step2", wrong=20, losses=(2.0, 1.0, 1.5, 1.6)))
    assert "1.600 at the end. " in risen
    assert "of that fall" not in risen


def test_a_wrong_head_is_explained_by_its_columns_and_by_what_no_gradient_reaches() -> None:
    head = outcome("densenet201", "head", wrong=2, columns=1000, without_gradient=("body.fc.weight", "body.fc.bias"))
    words = told(CURED, head)
    assert "answers with 1000 columns, not 4" in words
    assert "No gradient reaches `body.fc.weight`, `body.fc.bias`." in words


def test_a_training_that_could_not_begin_is_told_without_a_figure() -> None:
    stopped = outcome("densenet201", "head", curves=(), best_epoch=0, test_predicted=(), failure="nothing to train")
    words = told(CURED, stopped)
    assert "Training stopped: nothing to train. So there is no accuracy" in words


def test_nothing_is_explained_before_there_is_a_cure() -> None:
    assert told(outcome("densenet201", "step2", wrong=20)).startswith("No training of densenet201 in a setting of ours")


def write_run(folder: Path, *results: TrialResult) -> None:
    (folder / "recipe.yaml").write_text(yaml.safe_dump(task().model_dump(mode="json")), "utf-8")
    notes = Notes(photos=88, pictures=dict.fromkeys(LABELS, 22), without_face=("001.png",))
    (folder / "preparation.json").write_text(notes.model_dump_json(), "utf-8")
    write_split(folder / "split.csv", rows())
    for result in results:
        trial = result.trial
        own = folder / "trials" / trial.architecture / f"{trial.setting}-{trial.seed}"
        own.mkdir(parents=True)
        (own / "result.json").write_text(result.model_dump_json(), "utf-8")


def test_a_report_is_made_of_what_is_finished_and_links_pictures_that_are_there(tmp_path: Path) -> None:
    search = outcome("densenet201", "cosine")
    searched = rung_trial(task(), "densenet201", task().search.rungs[0], 3e-4, "x")
    write_run(
        tmp_path,
        CURED,
        outcome("resnet18", "cosine", wrong=9),
        outcome("densenet201", "step2", wrong=20),
        outcome("resnet18", "other"),
        search.model_copy(update={"trial": searched, "test_predicted": ()}),
    )
    text = write_report(tmp_path).read_text("utf-8")
    assert "4 of 18 trainings are finished; weights start from scratch (random) where no row" in text
    assert "| **densenet201** | cosine | scratch | 0.0003* | 4 | 32 | 1 | 90.0% | **97.5%** |" in text
    assert "| densenet201 | step2 (predecessor) | scratch | 0.001 |" in text
    assert "| resnet18 | other (beside) | ImageNet |" in text
    assert "exact McNemar p = 0.0078" in text
    assert "the augmentation and the batch; and weights averaged over steps (0.9), answers that are the mean" in text
    assert "No face was found in 1 photos" in text
    assert "| resnet18 | all | 40 | 77.5% | 22.5% | 0.0% |" in text
    assert "| densenet201 | 1 | 0.0003 | 90.0% (0.100) |" in text
    pictures = [line.split("](")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")]
    assert sorted(pictures) == sorted(path.name for path in tmp_path.glob("*.png"))
    assert {"curves_densenet201.png", "confusion_resnet18.png", "failure.png"} <= set(pictures)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in pictures)


def test_a_seed_that_failed_and_a_training_that_stopped_are_seen_in_the_table(tmp_path: Path) -> None:
    lost = outcome("resnet18", "cosine", 1, curves=(), best_epoch=0, test_predicted=(), failure="the loss is lost")
    whole = outcome("densenet201", "cosine")
    short = whole.model_copy(update={"curves": whole.curves[:2], "best_epoch": 2, "failure": "the loss is lost"})
    write_run(tmp_path, outcome("resnet18", "cosine"), lost, short)
    text = write_report(tmp_path).read_text("utf-8")
    assert "| 0 of 4 | 32 | 1 of 2 | 90.0%" in text
    assert "| 2 of 4 | 32 | 1 | 90.0%" in text


def test_what_the_recipe_no_longer_asks_for_is_left_out(tmp_path: Path) -> None:
    kept = outcome("resnet18", "cosine")
    search = rung_trial(task(), "resnet18", task().search.rungs[0], 0.5, "x")
    gone = [
        kept.model_copy(update={"trial": kept.trial.model_copy(update={"setting": "gone"})}),
        kept.model_copy(update={"trial": kept.trial.model_copy(update={"seed": 9})}),
        kept.model_copy(update={"trial": search, "test_predicted": ()}),
    ]
    write_run(tmp_path, kept, *gone)
    known = read_run(tmp_path)
    assert known.finals == (kept,)
    assert known.searches == ()


@pytest.mark.parametrize(("changes", "told"), [({"batch": 512}, "another batch"), ({"data_key": "y"}, "another data")])
def test_results_that_do_not_belong_together_are_refused(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    other = outcome("resnet18", "cosine")
    write_run(tmp_path, CURED, other.model_copy(update={"trial": other.trial.model_copy(update=changes)}))
    with pytest.raises(DataError, match=rf"resnet18: cosine, seed 0: was trained with {told}"):
        read_run(tmp_path)


def test_answers_of_another_test_part_are_refused(tmp_path: Path) -> None:
    write_run(tmp_path, CURED.model_copy(update={"test_predicted": (1, 2)}))
    with pytest.raises(DataError, match=r"densenet201: cosine, seed 0: answers 2 test pictures, not 40"):
        read_run(tmp_path)


def test_a_search_at_chance_says_so(tmp_path: Path) -> None:
    searched = rung_trial(task(), "densenet201", task().search.rungs[0], 3e-4, "x")
    guessed = outcome("densenet201", "cosine", val=0.25).model_copy(update={"trial": searched, "test_predicted": ()})
    write_run(tmp_path, guessed)
    assert "| 0.0003 | 25.0% (0.100): no better than guessing |" in write_report(tmp_path).read_text("utf-8")


def test_a_report_of_nothing_yet_says_so(tmp_path: Path) -> None:
    write_run(tmp_path)
    text = write_report(tmp_path).read_text("utf-8")
    assert "0 of 18 trainings are finished" in text
    assert "Fewer than two architectures have finished." in text


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no run of bunri train compare"):
        read_run(tmp_path)
