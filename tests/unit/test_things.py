"""The index of everyday things: what is written in it, and that every entry can be answered."""

from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from guides import GuideFileError, ThingIndex, load_guides, load_things
from guides.schema import LANGUAGES
from guides.thing_files import NOTES_FILE, STREAMS_FILE
from guides.thing_words import key_of, words_of
from guides.things import THINGS_FOLDER

PLACES = ("kr", "intl")


@pytest.fixture(scope="module")
def things() -> ThingIndex:
    return load_things()


def test_there_are_at_least_four_hundred_things(things: ThingIndex) -> None:
    assert len(things) >= 400


def test_ids_fit_a_button(things: ThingIndex) -> None:
    assert [each.id for each in things.things if len(each.id) > 32] == []


def test_no_two_things_share_a_name(things: ThingIndex) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for thing in things.things:
        for language in LANGUAGES:
            for name in thing.names[language]:
                owners[key_of(words_of(name))].add(thing.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_every_thing_has_an_answer_in_both_languages_and_places(things: ThingIndex) -> None:
    for thing in things.things:
        for place in PLACES:
            for language in LANGUAGES:
                disposal = thing.disposal((place,), language)
                assert disposal.name == thing.names[language][0]
                assert disposal.stream
                assert len(disposal.note) <= 200


def test_the_labels_are_those_of_the_guides_and_all_are_reached(things: ThingIndex) -> None:
    guides = load_guides()
    reached = {each.label for each in things.things} - {None}
    assert len(reached) == 12
    for place in PLACES:
        assert reached == set(guides.labels(place))


def test_the_english_streams_of_korea_keep_the_korean_name() -> None:
    streams = yaml.safe_load((THINGS_FOLDER / STREAMS_FILE).read_text(encoding="utf-8"))
    assert [
        key for key, each in streams["kr"].items() if not any("가" <= letter <= "힣" for letter in each["en"])
    ] == []


def test_every_stream_and_note_is_used() -> None:
    written = [
        yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in THINGS_FOLDER.glob("*.yaml")
        if file.name not in (STREAMS_FILE, NOTES_FILE)
    ]
    for name, kind in ((STREAMS_FILE, "stream"), (NOTES_FILE, "note")):
        listed = yaml.safe_load((THINGS_FOLDER / name).read_text(encoding="utf-8"))
        for place, texts in listed.items():
            used = {each["places"][place].get(kind) for file in written for each in file.values()}
            assert set(texts) - used == set(), (name, place)


def test_the_nearest_place_with_an_entry_answers(things: ThingIndex) -> None:
    shell = things.get("egg-shell")
    assert shell is not None
    assert shell.disposal(("kr-jungnang", "kr", "intl"), "ko").stream == "종량제봉투"
    assert shell.disposal(("kr-jungnang", "kr", "intl"), "en").stream == "Paid waste bag (종량제봉투)"
    assert shell.disposal(("intl",), "en").stream == "Food-waste or compost bin"
    assert shell.disposal((), "ko").stream == "음식물·퇴비용 수거통"


def test_advice_on_gas_cans_is_that_of_the_place(things: ThingIndex) -> None:
    can = things.get("butane-can")
    assert can is not None
    assert "press the nozzle" in can.disposal(("kr", "intl"), "en").note
    assert "Never pierce" in can.disposal(("intl",), "en").note
    assert "누르" not in can.disposal(("intl",), "ko").note.replace("누르지", "")


def test_batteries_never_go_in_a_waste_bag(things: ThingIndex) -> None:
    for thing in things.things:
        if "battery" in thing.id or thing.id == "power-bank":
            for place in PLACES:
                stream = thing.disposal((place,), "en").stream
                assert "bag" not in stream.lower(), (thing.id, place)
                assert "General waste" not in stream, (thing.id, place)


def test_an_unknown_id_is_nothing(things: ThingIndex) -> None:
    assert things.get("no-such-thing") is None


THING = "cup:\n  names: {ko: [컵], en: [cup]}\n  places: {intl: {stream: local}}\n"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (THING.replace("local", "nowhere"), "cup.places.intl.stream"),
        (THING.replace("local}", "local, note: none-such}"), "cup.places.intl.note"),
        (THING.replace(", en: [cup]", ""), "cup.names.en"),
        (THING.replace("intl:", "kr:").replace("local", "bag"), "cup.places.intl"),
        (THING + "  colour: red\n", "cup.colour"),
    ],
)
def test_a_fault_names_its_file_and_key(tmp_path: Path, text: str, field: str) -> None:
    for name in (STREAMS_FILE, NOTES_FILE):
        (tmp_path / name).write_text((THINGS_FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    file = tmp_path / "kitchen.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GuideFileError) as raised:
        load_things(tmp_path)
    assert (raised.value.file, raised.value.field) == (file, field)


def test_an_id_written_twice_is_refused(tmp_path: Path) -> None:
    for name in (STREAMS_FILE, NOTES_FILE):
        (tmp_path / name).write_text((THINGS_FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(THING, encoding="utf-8")
    with pytest.raises(GuideFileError, match="another file"):
        load_things(tmp_path)
