"""Reasons: what may stand in the audit for good."""

import pytest

from bunri.admins import Action, NotAllowed, Role, allow
from db.reasons import tidy


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  labels\tof\n this  week ", "labels of this week"),
        ("이번 주 라벨", "이번 주 라벨"),
        ("a" * 500, "a" * 500),
        ("a" * 501, None),
        (" abcd ", None),
        ("abc\x00defg", None),
        ("labels \x1b[2J of this week", None),
        ("labels \u202e of this week", None),
        ("labels \u2066 of this week", None),
        ("labels \ud800 of this week", None),
    ],
)
def test_a_reason_is_one_line_that_can_be_seen(given: str, kept: str | None) -> None:
    assert tidy(given) == kept
    people = {"anna": Role.EXPORTER}
    if kept is None:
        with pytest.raises(NotAllowed, match="5 to 500 characters, all of them printable"):
            allow("anna", Action.EXPORT, given, people)
    else:
        assert allow("anna", Action.EXPORT, given, people) == kept
