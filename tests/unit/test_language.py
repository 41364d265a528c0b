"""The language that a resident is answered in."""

import pytest

from bots.language import known_language, preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.1", "en"),
        ("en;q=0.3, ko;q=0.7", "ko"),
        ("ja,ko;q=0.5", "ko"),
        ("EN", "en"),
        ("en;q=0, ko", "ko"),
        ("ko;q=rubbish, en;q=0.1", "en"),
    ],
)
def test_the_language_with_the_highest_weight_wins(header: str, language: str) -> None:
    assert preferred_language(header, "ko") == language


@pytest.mark.parametrize("header", ["ja", "de-DE,de;q=0.9", "zh-Hans"])
def test_a_reader_of_neither_language_gets_english(header: str) -> None:
    assert preferred_language(header, "ko") == "en"


@pytest.mark.parametrize("header", [None, "", " , ", "*"])
def test_whoever_states_nothing_gets_the_default(header: str | None) -> None:
    assert preferred_language(header, "ko") == "ko"
    assert preferred_language(header, "en") == "en"


@pytest.mark.parametrize(("tag", "language"), [("ko_KR", "ko"), ("en-US", "en"), ("fr", None), ("", None)])
def test_a_tag_names_one_of_our_languages_or_none(tag: str, language: str | None) -> None:
    assert known_language(tag) == language
