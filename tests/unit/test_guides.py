"""The shipped guides: complete, cited, polite, and right on the points where a mistake would hurt."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from guides import LANGUAGES, Guide, GuideBook, Language, Severity, load_guides
from guides.book import DATA
from guides.coverage import Gap, gaps
from guides.loader import SOURCES_FILE
from guides.schema import Source
from guides.yaml_file import read_mapping
from inference.labels import LABELS

FULL = ("kr", "intl")
"""The jurisdictions in which every label is written in every language."""

GLASS = ("brown-glass", "green-glass", "white-glass")


@pytest.fixture(scope="module")
def book() -> GuideBook:
    book = load_guides()
    book.load()
    return book


def every_guide(book: GuideBook) -> Iterator[Guide]:
    for jurisdiction in book.jurisdictions:
        yield from book.written(jurisdiction)


def texts(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """(field name, text) for every text in a guide, sources left out."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each, field)
    elif isinstance(value, BaseModel) and not isinstance(value, Source):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), name)


def all_text(guide: Guide) -> str:
    return " ".join(text for _, text in texts(guide))


def test_every_label_has_every_section_in_every_full_jurisdiction_and_language(book: GuideBook) -> None:
    labels = [label.value for label in LABELS]
    lacking = [str(gap) for gap in gaps(book, labels, FULL, LANGUAGES)]
    assert lacking == []


def test_the_guides_know_exactly_the_labels_of_the_classifier(book: GuideBook) -> None:
    assert set(book.labels("kr")) == {label.value for label in LABELS}


def test_a_gap_names_label_jurisdiction_language_and_section(book: GuideBook) -> None:
    found = gaps(book, ["battery", "shoes"], ["kr-jungnang"], ["ko"])
    assert found == [Gap("shoes", "kr-jungnang", "ko", None)]
    assert str(found[0]) == "shoes x kr-jungnang x ko: no guide"


def test_every_source_that_a_folder_lists_is_cited_by_a_guide_in_it(book: GuideBook) -> None:
    for jurisdiction in FULL:
        cited = {source for guide in book.written(jurisdiction) for source in guide.cited()}
        assert set(read_mapping(DATA / jurisdiction / SOURCES_FILE)) == cited


def test_a_name_means_one_label_only_in_each_jurisdiction(book: GuideBook) -> None:
    for jurisdiction in FULL:
        owners: dict[str, set[str]] = {}
        for guide in book.written(jurisdiction):
            for name in (guide.title, *guide.also):
                owners.setdefault(name.casefold(), set()).add(guide.label)
        assert {name: labels for name, labels in owners.items() if len(labels) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_jurisdiction_and_severity_has_a_heading(book: GuideBook, language: Language) -> None:
    headings = book.headings(language)
    assert set(headings.jurisdictions) == set(book.jurisdictions)
    assert set(headings.severity) == set(Severity)


def test_korean_sentences_are_polite(book: GuideBook) -> None:
    """Every sentence in the 해요 style ends in 요."""
    blunt = [
        f"{guide.jurisdiction}/{guide.label} {field}: {sentence}"
        for guide in every_guide(book)
        if guide.language == "ko"
        for field, text in texts(guide)
        if field in {"text", "summary", "instead", "question"}
        for sentence in re.split(r"(?<=[^\d.][.?!]) +", text)
        if not sentence.rstrip(".?!").endswith("요")
    ]
    assert blunt == []


def test_english_and_korean_are_written_in_their_own_script(book: GuideBook) -> None:
    for guide in every_guide(book):
        first_letters = [text for field, text in texts(guide) if field in {"summary", "question"}]
        hangul = [text for text in first_letters if re.search("[가-힣]", text)]
        if guide.language == "ko":
            assert hangul == first_letters
    intl_english = [guide for guide in book.written("intl") if guide.language == "en"]
    assert [guide.label for guide in intl_english if re.search("[가-힣]", all_text(guide))] == []


def test_foreigners_in_korea_read_the_korean_names_of_the_bins(book: GuideBook) -> None:
    for label in LABELS:
        guide = book.find(label, "kr", "en")
        for each in (guide.stream, *guide.other_bins):
            assert each.korean, f"{label}: {each.name}"
            assert each.romanised, f"{label}: {each.name}"


@pytest.mark.parametrize("label", GLASS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bottle_deposits_are_those_in_force(book: GuideBook, label: str, language: Language) -> None:
    money = book.find(label, "kr", language).money
    assert [deposit.amount for each in money for deposit in each.deposits] == [70, 100, 130, 350]


def test_only_confirmed_telephone_numbers_are_given(book: GuideBook) -> None:
    numbers = {contact.phone for guide in every_guide(book) for contact in guide.contacts if contact.phone}
    assert numbers == {"1522-0082", "1599-0903"}


def test_the_korean_gas_can_advice_presses_the_nozzle_and_never_pierces_under_pressure(
    book: GuideBook,
) -> None:
    korean = book.find("metal", "kr", "ko")
    dangers = " ".join(each.text for each in korean.hazards if each.severity is Severity.DANGER)
    assert "노즐을 누르세요" in dangers
    assert "압력이 남은 용기에 구멍을 내지 마세요" in dangers
    assert any("구멍" in each.topic for each in korean.differs_by_town)


def test_elsewhere_gas_cans_are_never_pierced(book: GuideBook) -> None:
    english = book.find("metal", "intl", "en")
    assert any("Never pierce" in each.text for each in english.hazards)
    assert "노즐을 누르" not in all_text(book.find("metal", "intl", "ko"))


@pytest.mark.parametrize("jurisdiction", [*FULL, "kr-jungnang"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_battery_guide_opens_with_a_danger(book: GuideBook, jurisdiction: str, language: Language) -> None:
    assert book.find("battery", jurisdiction, language).hazards[0].severity is Severity.DANGER


def test_a_town_changes_what_it_writes_and_keeps_the_rest(book: GuideBook) -> None:
    town, country = book.find("battery", "kr-jungnang", "ko"), book.find("battery", "kr", "ko")
    assert town.summary != country.summary
    assert town.steps == country.steps
    assert book.find("paper", "kr-jungnang", "ko") == book.find("paper", "kr", "ko")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("battery", "battery"),
        ("건전지·배터리", "battery"),
        ("건전지", "battery"),
        ("종이 상자", "cardboard"),
        ("무색(투명) 유리병", "white-glass"),
        ("일반쓰레기", "trash"),
        ("General Waste", "trash"),
        ("brown glass", "brown-glass"),
    ],
)
def test_a_label_is_found_by_its_names_in_both_languages(book: GuideBook, name: str, label: str) -> None:
    assert book.label_named(name, "kr") == label


def test_importing_the_guides_imports_neither_torch_nor_the_inference_package() -> None:
    code = "import sys, guides; print(sorted({'torch', 'inference', 'openvino', 'bots'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
