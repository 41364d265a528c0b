from pathlib import Path

import pytest

from bunri.check import State
from bunri.disk_check import COMFORTABLE, LEAST, disk_check, disk_checks
from bunri.settings import DatabaseSettings, Settings, VaultSettings


@pytest.mark.parametrize(
    ("free", "state"), [(LEAST - 1, State.PROBLEM), (COMFORTABLE - 1, State.NOTE), (COMFORTABLE, State.OK)]
)
def test_room_is_judged_by_what_is_free(free: int, state: State, tmp_path: Path) -> None:
    check = disk_check("disk", tmp_path, free)
    assert check.state is state
    assert bool(check.remedy) is (state is not State.OK)


def test_a_folder_that_is_not_made_yet_is_judged_by_the_one_above(tmp_path: Path) -> None:
    assert str(tmp_path) in disk_check("disk", tmp_path / "var" / "vault").found


def test_the_database_and_the_vault_are_looked_at_where_they_are_on_this_disk(tmp_path: Path) -> None:
    on_disk = DatabaseSettings(url=f"sqlite:///{tmp_path / 'bunri.db'}")
    elsewhere = DatabaseSettings(url="postgresql+psycopg://bunri@somewhere/bunri")
    kept = VaultSettings(keep_photos=True, folder=tmp_path)
    assert [each.name for each in disk_checks(Settings(database=on_disk))] == ["disk: database"]
    assert [each.name for each in disk_checks(Settings(database=elsewhere, vault=kept))] == ["disk: photos"]
    assert list(disk_checks(Settings(database=DatabaseSettings(url="nonsense")))) == []
