"""The comparisons that the documents quote: their reports follow from the results beside them, to the letter."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT
from training.comparison.recipe import load_task_recipe
from training.comparison.report import REPORT, write_report
from training.comparison.run_folder import read_run

COMMITTED = PROJECT_ROOT / "docs" / "comparison"


@pytest.mark.parametrize("name", ["steel"])
def test_a_committed_report_is_made_again_to_the_letter(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(COMMITTED / name, folder)
    pictures = {path.name for path in folder.glob("*.png")}
    (folder / REPORT).unlink()
    assert write_report(folder).read_text("utf-8") == (COMMITTED / name / REPORT).read_text("utf-8")
    assert {path.name for path in folder.glob("*.png")} == pictures


@pytest.mark.parametrize("name", ["steel"])
def test_a_committed_comparison_is_that_of_the_shipped_recipe(name: str) -> None:
    assert read_run(COMMITTED / name).recipe == load_task_recipe(name)
