"""``bunri guide`` as somebody types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bunri.commands.guide import command
from bunri.terminal_text import columns, wrap
from inference.labels import LABELS


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("BUNRI_LANGUAGE", "BUNRI_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_the_guide_is_in_korean_for_korea_unless_told_otherwise() -> None:
    result = run("battery")
    assert result.exit_code == 0
    assert result.stdout.startswith("건전지·배터리 · 대한민국\n")
    assert "폐건전지 수거함" in result.stdout


def test_hazards_stand_before_the_steps() -> None:
    output = run("metal", "--lang", "en").stdout
    assert output.index("Take care") < output.index("What to do")


def test_english_in_korea_names_the_bin_in_hangul_and_latin_letters() -> None:
    assert "종량제봉투 · jongnyangje-bongtu" in run("trash", "--lang", "en").stdout


def test_the_language_and_region_come_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_LANGUAGE", "en")
    monkeypatch.setenv("BUNRI_REGION", "intl")
    output = run("battery").stdout
    assert output.startswith("Batteries · Anywhere (general advice)\n")
    assert "This is general advice. Where your local rules differ, follow them.\n" in output


def test_a_wrong_setting_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_LANGUAGE", "fr")
    result = run("battery")
    assert result.exit_code == 1
    assert "BUNRI_LANGUAGE" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["건전지·배터리", "건전지", "Batteries", "battery"])
def test_a_label_may_be_given_by_its_display_name(name: str) -> None:
    result = run(name, "--json")
    assert json.loads(result.stdout)["label"] == "battery"


def test_an_unknown_label_is_wrong_usage_and_lists_the_labels() -> None:
    result = run("spaceship")
    assert result.exit_code == 2
    assert "'spaceship' is not a label" in result.stderr
    assert all(label in result.stderr for label in LABELS)
    assert "일반쓰레기" in result.stderr


def test_an_unknown_language_is_wrong_usage() -> None:
    assert run("battery", "--lang", "fr").exit_code == 2


def test_a_region_without_guides_gets_the_general_one_and_is_told_so() -> None:
    result = run("shoes", "--region", "us", "--lang", "en")
    assert result.exit_code == 0
    assert "no guides for 'us' yet; this is the one for 'intl'" in result.stderr
    assert result.stdout.startswith("Shoes · Anywhere")


def test_json_is_one_object_on_one_line_with_its_sources() -> None:
    result = run("green-glass", "--json", "--lang", "en")
    assert result.stdout.count("\n") == 1
    guide = json.loads(result.stdout)
    assert (guide["label"], guide["jurisdiction"], guide["language"]) == ("green-glass", "kr", "en")
    assert guide["money"][0]["deposits"][1] == {
        "container": "190 ml to under 400 ml",
        "amount": 100,
        "currency": "KRW",
    }
    assert {source["checked"] for source in guide["sources"]} == {"2026-11-23"}


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_line_is_wider_than_the_terminal(label: str, language: str) -> None:
    output = run(label, "--lang", language).stdout
    assert [line for line in output.splitlines() if columns(line) > 80] == []


def test_a_hangul_syllable_takes_two_columns() -> None:
    assert columns("캔 can") == 6


def test_a_paragraph_is_broken_at_spaces_and_hangs() -> None:
    assert wrap("하나 둘 셋 four", 9, "- ", "  ") == "- 하나 둘\n  셋 four"
