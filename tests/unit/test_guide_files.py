"""Guide files: what the loader takes from where, and how it names a fault."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from guides import GuideFileError, GuideMissing, load_guides

SOURCES: dict[str, Any] = {
    "council": {"name": {"en": "The council", "ko": "구청"}, "kind": "official", "checked": "2026-11-23"}
}


def section(**changes: object) -> dict[str, object]:
    written: dict[str, object] = {
        "title": "Metal",
        "summary": "Rinse it.",
        "stream": {"name": "Metal bin"},
        "steps": [{"text": "Rinse it.", "sources": ["council"]}],
    }
    return {**written, **changes}


def write(folder: Path, jurisdiction: str, label: str, **languages: object) -> Path:
    home = folder / jurisdiction
    home.mkdir(exist_ok=True)
    file = home / f"{label}.yaml"
    file.write_text(yaml.safe_dump(languages, allow_unicode=True), encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for jurisdiction in ("xx", "intl"):
        (tmp_path / jurisdiction).mkdir()
        (tmp_path / jurisdiction / "sources.yaml").write_text(yaml.safe_dump(SOURCES), encoding="utf-8")
    write(tmp_path, "xx", "metal", en=section())
    write(tmp_path, "intl", "metal", en=section(summary="Anywhere."), ko=section(summary="어디서나."))
    write(tmp_path, "intl", "paper", en=section(title="Paper"))
    return tmp_path


def fault(folder: Path, jurisdiction: str = "xx") -> GuideFileError:
    with pytest.raises(GuideFileError) as caught:
        load_guides(folder).load(jurisdiction)
    return caught.value


def test_the_nearest_guide_answers(folder: Path) -> None:
    book = load_guides(folder)
    assert book.chain("xx-town-quarter") == ("xx", "intl")
    assert book.find("metal", "xx", "en").jurisdiction == "xx"
    assert book.find("paper", "xx", "en").jurisdiction == "intl"
    assert book.find("metal", "nowhere", "en").summary == "Anywhere."


def test_the_place_is_widened_before_the_language_is_changed(folder: Path) -> None:
    assert load_guides(folder).find("metal", "xx", "ko").summary == "어디서나."


def test_a_missing_guide_says_what_was_looked_for_and_where(folder: Path) -> None:
    with pytest.raises(GuideMissing) as caught:
        load_guides(folder).find("paper", "xx", "ko")
    error = caught.value
    assert (error.label, error.jurisdiction, error.language) == ("paper", "xx", "ko")
    assert error.tried == ("xx", "intl")


def test_a_town_overrides_with_one_file_that_holds_only_the_difference(folder: Path) -> None:
    write(folder, "xx-town", "metal", en={"stream": {"name": "Blue box"}})
    book = load_guides(folder)
    town = book.find("metal", "xx-town", "en")
    assert (town.jurisdiction, town.stream.name, town.summary) == ("xx-town", "Blue box", "Rinse it.")
    assert [source.id for source in town.sources] == ["council"]
    assert book.find("metal", "xx", "en").stream.name == "Metal bin"
    assert book.find("paper", "xx-town", "en").jurisdiction == "intl"


def test_a_guide_lists_only_the_sources_it_cites(folder: Path) -> None:
    more = {**SOURCES, "paper-mill": {**SOURCES["council"], "kind": "industry"}}
    (folder / "xx" / "sources.yaml").write_text(yaml.safe_dump(more), encoding="utf-8")
    guide = load_guides(folder).find("metal", "xx", "en")
    assert [source.id for source in guide.sources] == ["council"]
    assert guide.checked.isoformat() == "2026-11-23"


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"stpes": []}, "en.stpes", "Extra inputs"),
        ({"summary": "  "}, "en.summary", "at least 1 character"),
        ({"title": None}, "en.title", "valid string"),
        ({"steps": []}, "en.steps", "at least 1 item"),
        ({"steps": [{"text": "Rinse it.", "sources": []}]}, "en.steps[0].sources", "at least 1 item"),
        ({"steps": [{"text": "Rinse it."}]}, "en.steps[0].sources", "required"),
        ({"steps": [{"text": "a\nb", "sources": ["council"]}]}, "en.steps[0].text", "pattern"),
        ({"steps": [{"text": "a", "sources": ["nobody"]}]}, "en.steps[0].sources", "'nobody'"),
        ({"label": "metal"}, "en.label", "not written here"),
        (
            {"parts": [{"id": "cap", "name": "Cap", "text": "Off.", "label": "wood", "sources": ["council"]}]},
            "en",
            "leads to 'wood'",
        ),
    ],
)
def test_a_fault_in_a_file_names_the_file_and_the_field(
    folder: Path, changes: dict[str, object], field: str, problem: str
) -> None:
    file = write(folder, "xx", "metal", en=section(**changes))
    error = fault(folder)
    assert error.file == file
    assert error.field == field
    assert problem in error.problem
    assert "\n" not in str(error)


def test_hazards_out_of_order_are_refused(folder: Path) -> None:
    hazards = [{"severity": severity, "text": "Mind it.", "sources": ["council"]} for severity in ("caution", "danger")]
    write(folder, "xx", "metal", en=section(hazards=hazards))
    assert "ordered by severity" in fault(folder).problem


def test_repeated_ids_are_refused(folder: Path) -> None:
    part = {"id": "cap", "name": "Cap", "text": "Off.", "sources": ["council"]}
    write(folder, "xx", "metal", en=section(parts=[part, part]))
    assert "repeat an id: cap" in fault(folder).problem


def test_an_english_guide_for_korea_needs_the_korean_bin_name(folder: Path) -> None:
    (folder / "kr").mkdir()
    (folder / "kr" / "sources.yaml").write_text(yaml.safe_dump(SOURCES), encoding="utf-8")
    write(folder, "kr", "metal", en=section())
    assert "need their Korean name: Metal bin" in fault(folder, "kr").problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("- a list", "must be a mapping"),
        ("en: {title: [", "not valid YAML"),
        ("en: {title: a, title: b}", "appears twice"),
        ("fr: {}", "Input should be 'ko' or 'en'"),
        ("{}", "has no language"),
        ("1: {}", "keys must be text"),
    ],
)
def test_a_file_that_is_no_guide_is_refused_in_one_line(folder: Path, text: str, problem: str) -> None:
    (folder / "xx" / "metal.yaml").write_text(text, encoding="utf-8")
    error = fault(folder)
    assert problem in error.problem
    assert "\n" not in str(error)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GuideFileError, match="not a folder of guides"):
        load_guides(tmp_path / "none")


def test_a_jurisdiction_is_read_only_when_it_is_needed(folder: Path) -> None:
    (folder / "yy").mkdir()
    (folder / "yy" / "metal.yaml").write_text("broken: [", encoding="utf-8")
    book = load_guides(folder)
    assert book.find("metal", "xx", "en").title == "Metal"
    with pytest.raises(GuideFileError):
        book.find("metal", "yy", "en")
