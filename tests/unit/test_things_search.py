"""Finding things by what people type."""

import pytest

from guides import ThingIndex, load_things
from tests.unit.thing_questions import NONSENSE, QUESTIONS, SEVERAL


@pytest.fixture(scope="module")
def things() -> ThingIndex:
    return load_things()


def _first(things: ThingIndex, text: str) -> str | None:
    found = things.find(text)
    return found[0].thing.id if found else None


def test_at_least_95_of_100_questions_find_their_thing_first(things: ThingIndex) -> None:
    missed = [(text, wanted, _first(things, text)) for text, wanted in QUESTIONS if _first(things, text) != wanted]
    assert len(QUESTIONS) >= 120
    assert len(missed) <= 0.05 * len(QUESTIONS), missed


def test_what_is_sure_is_right(things: ThingIndex) -> None:
    wrong = [
        (text, found[0].thing.id)
        for text, wanted in QUESTIONS
        if (found := things.find(text)) and found[0].is_sure and found[0].thing.id != wanted
    ]
    assert wrong == []


def test_most_questions_need_no_question_back(things: ThingIndex) -> None:
    sure = sum(any(each.is_sure for each in things.find(text)) for text, _ in QUESTIONS)
    assert sure >= 0.85 * len(QUESTIONS)


@pytest.mark.parametrize("text", NONSENSE)
def test_words_that_name_no_thing_find_nothing(things: ThingIndex, text: str) -> None:
    assert [each.name for each in things.find(text)] == []


@pytest.mark.parametrize(("text", "offered"), SEVERAL)
def test_the_word_for_a_kind_offers_several_and_is_sure_of_none(things: ThingIndex, text: str, offered: str) -> None:
    found = things.find(text)
    assert 1 < len(found) <= 5
    assert offered in [each.thing.id for each in found]
    assert not any(each.is_sure for each in found)


@pytest.mark.parametrize(
    ("text", "asked_about"),
    [
        ("배터리 든 장난감", {"battery", "toy"}),
        ("건전지랑 우산", {"battery", "umbrella"}),
        ("a toy with a battery", {"battery", "toy"}),
        ("oxygen can", {"aluminium-can"}),
    ],
)
def test_a_question_about_two_things_or_an_unknown_kind_is_asked_back(
    things: ThingIndex, text: str, asked_about: set[str]
) -> None:
    found = things.find(text)
    assert asked_about <= {each.thing.id for each in found}
    assert not any(each.is_sure for each in found)


def test_every_name_finds_its_own_thing(things: ThingIndex) -> None:
    lost = [
        (each.id, name)
        for each in things.things
        for names in each.names.values()
        for name in names
        if _first(things, name) != each.id
    ]
    assert lost == []


def test_only_the_first_is_sure_and_scores_fall(things: ThingIndex) -> None:
    for text, _ in QUESTIONS:
        found = things.find(text)
        assert not any(each.is_sure for each in found[1:])
        scores = [each.score for each in found]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_no_more_than_the_limit_is_found(things: ThingIndex, limit: int) -> None:
    assert len(things.find("컵", limit)) <= limit


@pytest.mark.parametrize(
    "text",
    [
        "가" * 100_000,
        "a " * 50_000,
        "\x00\x01",
        "\ud800",
        "‮우유팩",
        "ﷺ" * 200,
        "e\u0301" * 300,
        "👩‍👩‍👧‍👦",
        "ㅇㅜㅇㅠ",
        "İ" * 200,
        "\u1100" * 300,
    ],
)
def test_strange_text_is_read_without_a_fault(things: ThingIndex, text: str) -> None:
    assert len(things.find(text)) <= 5


def test_a_decomposed_name_is_found(things: ThingIndex) -> None:
    assert _first(things, "\u110b\u116e\u110b\u1172\u1111\u1162\u11a8") == "milk-carton"
