"""Who sends too much: told once, then not answered, then answered again."""

import pytest

from bots.flood import Flood
from bots.platforms import Platform
from bots.request import PhotosSent, Request, Resident, TextSent

WORDS = TextSent("paper")


def resident(user: str = "anna", *, chat: str = "kitchen", is_private: bool = True) -> Resident:
    return Resident("en", "kr", Platform.TELEGRAM, user, chat, is_private)


def test_within_the_limit_nobody_waits() -> None:
    flood = Flood(3, 100)
    assert [flood.wait_of(WORDS, resident()) for _ in range(3)] == [0, 0, 0]


def test_one_too_many_waits_whole_seconds() -> None:
    flood = Flood(2, 100, clock=lambda: 0.0)
    assert [flood.wait_of(WORDS, resident()) for _ in range(3)] == [0, 0, 30]


def test_somebody_else_is_not_held_up() -> None:
    flood = Flood(1, 100)
    waits = [flood.wait_of(WORDS, resident(user)) for user in ("anna", "anna", "bora")]
    assert [wait > 0 for wait in waits] == [False, True, False]


@pytest.mark.parametrize(("photos", "waits"), [(3, False), (4, True)])
def test_an_album_counts_as_many_as_it_has_photos(photos: int, waits: bool) -> None:
    album: Request = PhotosSent((b"photo",) * photos)
    assert (Flood(3, 100).wait_of(album, resident()) > 0) is waits


def test_a_group_has_a_limit_of_its_own_over_all_its_people() -> None:
    flood = Flood(100, 2)
    people = [resident(user, is_private=False) for user in ("anna", "bora", "chan")]
    assert [flood.wait_of(WORDS, each) > 0 for each in people] == [False, False, True]


def test_a_private_chat_is_limited_by_its_person_only() -> None:
    flood = Flood(100, 1)
    assert [flood.wait_of(WORDS, resident()) for _ in range(5)] == [0] * 5


def test_an_unknown_person_is_never_limited() -> None:
    flood = Flood(1, 1)
    assert [flood.wait_of(WORDS, resident("", is_private=False)) for _ in range(5)] == [0] * 5


def test_that_it_is_too_much_is_said_once_and_again_only_after_an_answer() -> None:
    flood = Flood(60, 100)
    assert [flood.is_first_word_to(resident()) for _ in range(3)] == [True, False, False]
    assert flood.wait_of(WORDS, resident()) == 0
    assert flood.is_first_word_to(resident())


def test_a_second_person_is_told_too() -> None:
    flood = Flood(60, 100)
    assert flood.is_first_word_to(resident("anna"))
    assert flood.is_first_word_to(resident("bora"))
