"""The places that a resident can choose between."""

import shutil
from pathlib import Path

import pytest

from bots.messages import load_messages
from bots.regions import Region, every, nearest_region, regions
from guides import LANGUAGES, GuideBook, Language, load_guides
from guides.book import DATA
from guides.loader import HEADINGS_FILE


def book_of(folder: Path, *places: str) -> GuideBook:
    """A guide book with these places, in which nothing is written but the headings."""
    shutil.copy(DATA / HEADINGS_FILE, folder)
    for place in places:
        (folder / place).mkdir()
    return load_guides(folder)


@pytest.mark.parametrize(
    ("language", "korea", "town", "elsewhere"),
    [
        ("ko", "대한민국", "서울 중랑구", "그 밖의 나라"),
        ("en", "South Korea", "Jungnang-gu, Seoul", "Elsewhere"),
    ],
)
def test_korea_with_its_town_comes_first_and_elsewhere_last(
    language: Language, korea: str, town: str, elsewhere: str
) -> None:
    offered = regions(load_guides(), load_messages().of(language))
    assert offered == (Region("kr", korea, (Region("kr-jungnang", town),)), Region("intl", elsewhere))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_that_has_guides_is_offered_once(language: Language) -> None:
    book = load_guides()
    offered = [region.id for region in every(regions(book, load_messages().of(language)))]
    assert sorted(offered) == sorted(book.jurisdictions)


def test_a_new_country_needs_a_folder_and_no_code(tmp_path: Path) -> None:
    book = book_of(tmp_path, "intl", "kr", "jp", "jp-osaka", "de-berlin", "de-berlin-mitte")
    offered = regions(book, load_messages().of("en"))
    assert [(region.id, [town.id for town in region.towns]) for region in offered] == [
        ("de-berlin", ["de-berlin-mitte"]),
        ("jp", ["jp-osaka"]),
        ("kr", []),
        ("intl", []),
    ]


def test_without_general_guides_elsewhere_is_not_offered(tmp_path: Path) -> None:
    book = book_of(tmp_path, "kr")
    assert [region.id for region in regions(book, load_messages().of("en"))] == ["kr"]
    assert nearest_region("fr", book) == "fr"


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [("kr", "kr"), ("kr-jungnang", "kr-jungnang"), ("kr-busan", "kr"), ("fr", "intl"), ("", "intl"), ("../kr", "intl")],
)
def test_a_place_without_guides_gets_those_of_the_place_around_it(wanted: str, nearest: str) -> None:
    assert nearest_region(wanted, load_guides()) == nearest
