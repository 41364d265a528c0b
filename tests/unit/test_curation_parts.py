"""The pure parts of export and import: usefulness, groups, agreement, majorities, precision, who may do what."""

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bunri.admins import Action, NotAllowed, allow, read_people
from bunri.precision_text import precision_lines
from db.agreement import Agreement
from db.exporting.candidates import Candidate
from db.exporting.near_duplicates import BITS, LEVELS, Alike, NearDuplicates, joined_groups
from db.exporting.plan import Plan, PlanDraft
from db.exporting.request import ExportRequest
from db.exporting.usefulness import rarities, usefulness
from db.importing.settle import Settled, settle
from db.importing.vote import Vote
from db.precision import ClassPrecision, wilson_interval
from db.queries import margin_of

OLD, NEW = datetime(2026, 5, 4, 10, tzinfo=UTC), datetime(2026, 5, 4, 11, tzinfo=UTC)


def test_the_unsure_the_wrong_and_the_rare_are_useful() -> None:
    base = usefulness(0.5, disagrees=False, rarity=0.0)
    assert usefulness(0.1, disagrees=False, rarity=0.0) > base
    assert usefulness(0.5, disagrees=True, rarity=0.0) > base
    assert usefulness(0.5, disagrees=False, rarity=0.9) > base
    assert usefulness(None, disagrees=False, rarity=0.0) == usefulness(0.0, disagrees=False, rarity=0.0)


def test_the_commonest_label_is_not_rare() -> None:
    assert rarities({"paper": 10, "battery": 1}) == {"paper": 0.0, "battery": 0.9}
    assert rarities({}) == {}


@pytest.mark.parametrize(
    ("probabilities", "margin"), [({}, None), ({"paper": 0.75}, 0.75), ({"a": 0.25, "b": 0.5, "c": 0.125}, 0.25)]
)
def test_the_margin_is_between_the_first_two(probabilities: dict[str, float], margin: float | None) -> None:
    assert margin_of(probabilities) == margin


def test_near_duplicates_are_those_alike_in_bits_and_in_colours() -> None:
    near = NearDuplicates(Alike(40, 4.0))
    rng = np.random.default_rng(1)
    prints = [rng.integers(0, 256, BITS + LEVELS, dtype=np.uint8) for _ in range(200)]
    for number, each in enumerate(prints):
        assert near.find(each.tobytes()) is None
        near.add(str(number), each.tobytes())
    alike = prints[150].copy()
    alike[:4] ^= 255
    assert near.find(alike.tobytes()) == "150"
    alike[4:8] ^= 255
    assert near.find(alike.tobytes()) is None, "too many bits"
    other = prints[150].copy()
    other[BITS:] = 255 - other[BITS:]
    assert near.find(other.tobytes()) is None, "other colours"
    with pytest.raises(ValueError, match="3 bytes"):
        near.find(b"abc")


def candidate(item_id: str, margin: float = 0.5, label: str = "paper", *, disagrees: bool = False) -> Candidate:
    return (item_id, "2026-05", "web", "ko", "web-1", "tiny 1", label, 0.9, margin, "", "", "", "person", disagrees)


def planned(tmp_path: Path, candidates: list[Candidate], limit: int | None, share: float) -> list[tuple[str, bool]]:
    draft = PlanDraft(tmp_path / "plan.draft")
    draft.add(candidates, seed=1)
    draft.finish(limit, share, tmp_path / "plan.db")
    with Plan(tmp_path / "plan.db") as plan:
        return [(each.item.item_id, each.item.is_random) for each in plan.rest()]


def test_a_plan_has_everything_once_and_what_was_drawn_lies_among_the_rest(tmp_path: Path) -> None:
    candidates = [candidate(f"{number:03}", margin=number / 1_000) for number in range(600)]
    found = planned(tmp_path, candidates, 100, 0.2)
    assert sorted(item for item, _ in found) == [each[0] for each in candidates]
    drawn = [place for place, (_, is_random) in enumerate(found) if is_random]
    assert len(drawn) == 20
    assert max(drawn) < 100, "within the limit"
    assert max(after - before for before, after in itertools.pairwise(drawn)) <= 5
    rest = [item for item, is_random in found if not is_random]
    assert rest == sorted(rest), "least margin first"


@pytest.mark.parametrize(("share", "drawn"), [(0.0, 0), (1.0, 10)])
def test_a_plan_of_all_or_none_at_random_is_whole(tmp_path: Path, share: float, drawn: int) -> None:
    found = planned(tmp_path, [candidate(str(number)) for number in range(10)], None, share)
    assert len(found) == 10
    assert sum(is_random for _, is_random in found) == drawn


def test_what_a_killed_process_left_of_a_plan_is_no_part_of_the_next(tmp_path: Path) -> None:
    half = PlanDraft(tmp_path / "plan.draft")
    half.add([candidate("old")], seed=1)
    journal = tmp_path / "plan.draft-journal"
    assert journal.exists()
    kept = journal.read_bytes()
    half.close()
    journal.write_bytes(kept)
    assert planned(tmp_path, [candidate("new")], None, 0.0) == [("new", False)]


def test_groups_that_are_linked_are_one() -> None:
    assert joined_groups([("c", "b"), ("d", "e"), ("b", "a"), ("e", "d")]) == {
        "a": "a",
        "b": "a",
        "c": "a",
        "d": "d",
        "e": "d",
    }


def test_krippendorffs_own_example_has_his_alpha() -> None:
    """Krippendorff (2011), section C: four observers, twelve units, values missing."""
    agreement = Agreement()
    for unit in ("111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11", "3"):
        agreement.add(list(unit))
    assert agreement.alpha == pytest.approx(0.743, abs=5e-4)
    assert agreement.items == 11


@pytest.mark.parametrize(
    ("units", "alpha"), [([], None), (["a"], None), (["aa", "aa"], None), (["aa", "bb"], 1.0), (["ab", "ab"], -0.5)]
)
def test_agreement_at_its_ends(units: list[str], alpha: float | None) -> None:
    agreement = Agreement()
    for unit in units:
        agreement.add(list(unit))
    assert agreement.alpha == alpha


def vote(label: str, annotator: str = "", at: datetime | None = None, place: str = "line 2") -> Vote:
    return Vote(place, "item", label, annotator, at)


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ([vote("paper")], "paper"),
        ([vote("paper", "1"), vote("metal", "2")], None),
        ([vote("paper", "1"), vote("metal", "2"), vote("metal", "3")], "metal"),
        ([vote("paper", "1", NEW), vote("metal", "1", OLD)], "paper"),
        ([vote("paper", "1", OLD), vote("metal", "1", NEW)], "metal"),
        ([vote("paper"), vote("paper")], "paper"),
        ([vote("paper", "1"), vote("paper", "1"), vote("metal", "2")], None),
    ],
)
def test_the_majority_of_annotators_settles(votes: list[Vote], label: str | None) -> None:
    settled = settle(votes)
    assert isinstance(settled, Settled)
    assert settled.label == label


@pytest.mark.parametrize("at", [None, OLD])
def test_one_annotator_who_says_two_things_at_once_says_nothing(at: datetime | None) -> None:
    found = settle([vote("paper", "1", at), vote("metal", "1", at, "line 9")])
    assert isinstance(found, Vote)
    assert found.place == "line 9"


def test_the_interval_of_a_share_is_wilsons() -> None:
    """Newcombe (1998), table I, method 3: 81 of 263 has 0.2553 to 0.3662."""
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(0, 5)[0] == 0.0
    assert wilson_interval(5, 5)[1] == 1.0


def test_precision_is_told_with_its_fair_figure() -> None:
    lines = precision_lines(
        [ClassPrecision("tiny 1", "paper", 10, 6, 4, 3), ClassPrecision("tiny 1", "metal", 2, 1, 0, 0)]
    )
    assert len(lines) == 3
    assert "tiny 1" in lines[0]
    assert "60.0%" in lines[1]
    assert "3 of 4, 75.0%" in lines[1]
    assert "none drawn at random" in lines[2]


def test_a_request_is_read_as_it_was_written() -> None:
    request = ExportRequest(since=OLD, labels=("paper",), limit=5, most_margin=0.1, diverse=True, image_root="x")
    assert ExportRequest.from_plain(request.plain()) == request
    with pytest.raises(ValueError, match="fields"):
        ExportRequest.from_plain({**request.plain(), "more": 1})


PEOPLE = read_people(["anna:exporter", "bora:reviewer"])


@pytest.mark.parametrize(
    ("actor", "action"), [("anna", Action.EXPORT), ("anna", Action.IMPORT), ("bora", Action.IMPORT)]
)
def test_who_may_and_says_why_goes_on(actor: str, action: Action) -> None:
    assert allow(actor, action, "  the weekly\n labels ", PEOPLE) == "the weekly labels"


@pytest.mark.parametrize(
    ("actor", "action", "reason", "says"),
    [
        ("bora", Action.EXPORT, "the weekly labels", "bora is reviewer, and to export one must be exporter"),
        ("chai", Action.IMPORT, "the weekly labels", "add NAME:ROLE to BUNRI_ADMIN__PEOPLE"),
        ("", Action.IMPORT, "the weekly labels", "nobody of this name"),
        ("anna", Action.EXPORT, " x ", "say why"),
        ("anna", Action.EXPORT, "x" * 501, "say why"),
    ],
)
def test_who_may_not_or_says_nothing_is_told_how_it_is_mended(
    actor: str, action: Action, reason: str, says: str
) -> None:
    with pytest.raises(NotAllowed, match=says):
        allow(actor, action, reason, PEOPLE)


@pytest.mark.parametrize("wrong", ["anna", "anna:", ":exporter", "anna:king", "an na:exporter"])
def test_people_are_written_with_their_role(wrong: str) -> None:
    found: Any = [wrong]
    with pytest.raises(ValueError, match="NAME:ROLE"):
        read_people(found)
