"""The example units of systemd: what they name exists, what they set is a setting, and both are hardened alike."""

import re
import shlex
from collections import defaultdict
from pathlib import Path

import pytest

from bunri.cli import COMMANDS
from bunri.health import setting_names
from bunri.settings import PROJECT_ROOT, Settings

FOLDER = PROJECT_ROOT / "docs" / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
OPTIONAL = re.compile(r"^#(?=[A-Z]\w+=)", re.MULTILINE)
"""A line that an operator may want; it is held to the same."""


def service_of(unit: Path) -> dict[str, list[str]]:
    """The settings of [Service], those that are commented out included."""
    found: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in OPTIONAL.sub("", unit.read_text(encoding="utf-8")).splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def environment_of(unit: Path) -> dict[str, str]:
    return dict(value.split("=", 1) for value in service_of(unit)["Environment"])


def test_there_is_a_unit_for_the_bots_and_one_for_the_host() -> None:
    assert [shlex.split(service_of(unit)["ExecStart"][0])[1] for unit in UNITS] == ["serve", "run"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_its_command_and_its_settings_exist_and_hold_what_may_be_in_them(
    unit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, command, *more = shlex.split(service_of(unit)["ExecStart"][0])
    assert program.endswith("/.venv/bin/bunri")
    assert (command in COMMANDS, more) == (True, [])
    environment = environment_of(unit)
    assert set(environment) <= set(setting_names(Settings))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    Settings(_env_file=None)  # type: ignore[call-arg]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_credential_is_used_and_every_one_that_is_used_is_loaded(unit: Path) -> None:
    loaded = {value.split(":")[0] for value in service_of(unit)["LoadCredential"]}
    used = {value.removeprefix("%d/") for value in environment_of(unit).values() if value.startswith("%d/")}
    assert loaded == used
    assert loaded


def test_the_host_is_given_the_time_that_it_takes_to_stop() -> None:
    serve = Settings(_env_file=None).serve  # type: ignore[call-arg]
    (seconds,) = service_of(FOLDER / "bunri-serve.service")["TimeoutStopSec"]
    assert int(seconds) > serve.grace_seconds + serve.drain_seconds


def test_both_are_hardened_alike() -> None:
    own = {"ExecStart", "ExecReload", "Environment", "LoadCredential", "TimeoutStopSec", "MemoryMax"}
    state = {"StateDirectory", "StateDirectoryMode"}
    host, bots = ({name: each for name, each in service_of(unit).items() if name not in own} for unit in UNITS)
    assert host == {name: each for name, each in bots.items() if name not in state}, "the host keeps nothing"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_operating_names_it(unit: Path) -> None:
    assert f"systemd/{unit.name}" in (PROJECT_ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
