"""Recipes of tasks, and which trainings follow from them."""

from pathlib import Path
from typing import Any

import pytest

from tests.comparison_tasks import recipe, write_recipe
from training.classifier_recipe import Schedule
from training.comparison.architectures import COMPARED
from training.comparison.plan import epochs_asked, final_trial, finals, is_searched, rung_trial, survivors
from training.comparison.recipe import load_task_recipe
from training.comparison.section import RECIPES
from training.comparison.trial_record import Epoch, TrialResult
from training.data_recipe import DataError
from training.optimiser import rate_factor

SHIPPED = sorted(each.stem for each in RECIPES.glob("*.yaml"))
STEP = {"name": "step", "epochs": 12, "warmup": 0, "step_epochs": 7, "gamma": 0.1}


def settings(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": "cosine", "schedule": {"epochs": 4}}, *more]


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_recipe_trains_all_architectures_beside_the_predecessors_setting(name: str) -> None:
    task = load_task_recipe(name)
    assert set(task.architectures) >= set(COMPARED)
    steps = {each.schedule.step_epochs for each in task.settings if each.role == "predecessor"}
    assert {7, 9, 11} <= steps
    assert all(each.schedule.gamma == 0.1 for each in task.settings if each.role == "predecessor")
    assert task.explain == "densenet201"
    ours = {each.architecture for each in finals(task, task.architectures) if each.setting.role == "ours"}
    assert ours == set(COMPARED)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"architectures": ["resnet99"]}, "architectures.0: Input should be 'efficientnet_b0'"),
        ({"steps": [{"step": "sharpen"}]}, "steps.0: .*'sharpen' .*does not match any of the expected tags"),
        ({"steps": []}, "resize_keep_aspect is needed"),
        ({"steps": [{"step": "resize_keep_aspect", "side": 32}, {"step": "crop_to_boxes"}]}, "in the order"),
        ({"steps": [{"step": "crop_to_boxes"}, {"step": "resize_keep_aspect", "side": 32}]}, "annotations are needed"),
        ({"colour": 1}, "colour: Extra inputs are not permitted"),
        ({"labels": {"by": "name", "pattern": "("}}, "labels.name: .*pattern"),
        ({"labels": {"by": "name", "pattern": "x"}}, "needs named groups"),
        ({"search": {"rates": [0.1, 0.1], "rungs": [{"epochs": 1, "keep": 1}]}}, "each rate once"),
        ({"settings": settings({"name": "cosine", "schedule": {"epochs": 1}})}, "each name once"),
        (
            {"settings": [{"name": "x", "role": "predecessor", "schedule": {"epochs": 1}}]},
            "at least one with role ours",
        ),
        ({"settings": settings({"name": "x", "fault": "fc_replaced", "schedule": {"epochs": 1}})}, "a fault belongs"),
        ({"settings": settings({"name": "x", "init": "imagenet", "schedule": {"epochs": 1}})}, "a start of its own"),
        ({"settings": settings({"name": "search", "schedule": {"epochs": 1}})}, "the name search is taken"),
        ({"settings": settings({"name": "x", "lr": -1, "schedule": {"epochs": 1}})}, "greater than 0"),
        ({"search": {"rates": [float("inf")], "rungs": [{"epochs": 1, "keep": 1}]}}, "finite number"),
        ({"own": {"resnet18": {"rates": [0.0]}}}, "own.resnet18.rates.0: .*greater than 0"),
        ({"near": {"name": "x", "group": "(", "pairs": []}}, "near.group: .*no pattern"),
        ({"near": {"name": "x", "group": "a", "pairs": []}}, "near.group: .*with a group"),
        ({"explain": "alexnet"}, "not among the architectures: alexnet"),
        ({"architectures": ["resnet18", "resnet18"]}, "architectures and seeds: at least one, each once"),
        ({"photos": {"folder": "task", "pattern": "/x"}}, "photos.pattern"),
        (
            {"settings": settings({"name": "x", "role": "beside", "init": "package", "schedule": {"epochs": 1}})},
            "init package is for the architectures efficientnet_lite0 alone",
        ),
    ],
)
def test_a_recipe_that_is_wrong_is_told_in_one_line_with_its_file(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    file = write_recipe(tmp_path, **changes)
    with pytest.raises(DataError, match=rf"tiny\.yaml: .*{told}") as caught:
        load_task_recipe(str(file))
    assert "\n" not in str(caught.value)


def test_a_recipe_that_is_not_there_or_no_yaml_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no task recipe 'away'; shipped: .*faces.*steel"):
        load_task_recipe("away")
    file = tmp_path / "broken.yaml"
    file.write_text("name: [", "utf-8")
    with pytest.raises(DataError, match=r"broken\.yaml: no YAML"):
        load_task_recipe(str(file))


def result(accuracy: float, loss: float, failure: str | None = None) -> TrialResult:
    trial = rung_trial(recipe(), "resnet18", recipe().search.rungs[0], 1e-3, "x")
    row = Epoch(epoch=1, lr=1e-3, train_loss=1, train_accuracy=0, val_loss=loss, val_accuracy=accuracy, seconds=1)
    return TrialResult(
        trial=trial,
        curves=() if failure else (row,),
        best_epoch=0 if failure else 1,
        columns=3,
        parameters=1,
        device="cpu",
        failure=failure,
    )


def test_the_best_rates_on_validation_survive_and_the_lower_loss_breaks_a_tie() -> None:
    results = {0.1: result(0.5, 9), 0.2: result(0.9, 2), 0.3: result(0.9, 1), 0.4: result(1, 0, "lost")}
    assert survivors(results, 2) == [0.3, 0.2]
    assert survivors(results, 9) == [0.3, 0.2, 0.1]
    assert survivors({0.4: result(1, 0, "lost")}, 1) == []


def test_the_first_seed_of_every_setting_comes_before_the_second_of_any() -> None:
    task = recipe(
        architectures=["resnet18", "alexnet"],
        seeds=[4, 5],
        settings=settings(
            {"name": "step7", "role": "predecessor", "schedule": STEP, "architectures": ["alexnet"], "seeds": 1}
        ),
    )
    assert [each.folder for each in finals(task, task.architectures)] == [
        "resnet18/cosine-seed4",
        "alexnet/cosine-seed4",
        "alexnet/step7-seed4",
        "resnet18/cosine-seed5",
        "alexnet/cosine-seed5",
    ]


def test_a_trial_takes_the_searched_rate_or_the_shared_one_and_its_architectures_own_needs() -> None:
    task = recipe(
        own={"resnet18": {"side": 64, "weight_decay": 0.3, "epochs": 9}},
        settings=settings({"name": "shared", "optimiser": "sgd", "lr": 0.5, "role": "predecessor", "schedule": STEP}),
    )
    searched, shared = (final_trial(task, final, 0.02, "x") for final in finals(task, task.architectures))
    assert (searched.optimiser.lr, searched.optimiser.name) == (0.02, "adamw")
    assert (shared.optimiser.lr, shared.optimiser.name) == (0.5, "sgd")
    assert searched.side == shared.side == 64
    assert searched.optimiser.weight_decay == 0.3
    assert (searched.schedule.epochs, shared.schedule.epochs) == (9, 12)


def test_a_setting_that_does_not_compete_may_start_otherwise() -> None:
    lite = {"name": "lite", "role": "beside", "init": "package", "lr": 0.5, "architectures": ["efficientnet_lite0"]}
    task = recipe(
        architectures=["resnet18", "efficientnet_lite0"],
        settings=[
            {"name": "cosine", "schedule": {"epochs": 1}, "architectures": ["resnet18"]},
            {**lite, "schedule": {"epochs": 3}},
        ],
    )
    ours, beside = (final_trial(task, final, 0.02, "x") for final in finals(task, task.architectures))
    assert (ours.architecture, ours.init) == ("resnet18", "scratch")
    assert (beside.architecture, beside.init, beside.schedule.epochs) == ("efficientnet_lite0", "package", 3)


def test_a_rate_is_searched_only_for_an_architecture_that_takes_it() -> None:
    task = recipe(
        architectures=["resnet18", "alexnet"],
        search={"rates": [0.1, 0.2], "rungs": [{"epochs": 1, "keep": 1}]},
        settings=[
            {"name": "cosine", "schedule": {"epochs": 1}, "architectures": ["resnet18"]},
            {"name": "fixed", "role": "beside", "lr": 0.1, "schedule": {"epochs": 1}, "architectures": ["alexnet"]},
        ],
    )
    assert [is_searched(task, name) for name in task.architectures] == [True, False]


def test_the_budget_counts_each_rung_with_the_rates_that_are_left() -> None:
    task = recipe(
        search={"rates": [0.1, 0.2, 0.3], "rungs": [{"epochs": 2, "keep": 2}, {"epochs": 5, "keep": 1}]},
        seeds=[0, 1],
        settings=settings({"name": "once", "schedule": STEP, "seeds": 1}),
    )
    assert epochs_asked(task, "resnet18") == (3 * 2 + 2 * 5, 2 * 4 + 12)
    assert epochs_asked(recipe(), "resnet18") == (0, 1)


@pytest.mark.parametrize("step", [7, 9, 11])
def test_the_predecessors_schedule_falls_to_a_tenth_every_so_many_epochs(step: int) -> None:
    factor = rate_factor(Schedule(name="step", epochs=30, warmup=0, step_epochs=step, gamma=0.1), 300, 10)
    assert [factor(epoch * 10) for epoch in (1, step - 1)] == [1, 1]
    assert [factor(times * step * 10) for times in (1, 2)] == pytest.approx([0.1, 0.01])


def test_cosine_warms_up_and_ends_at_nothing() -> None:
    factor = rate_factor(Schedule(name="cosine", epochs=10, warmup=0.1), 100, 10)
    rising = [factor(step) for step in range(11)]
    assert rising == sorted(rising)
    assert factor(10) == pytest.approx(1)
    assert factor(99) < 0.001
