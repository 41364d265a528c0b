"""How a reply looks in Discord, and what may be pressed below it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.actions import Action, Forget, SayRight, SayWrong, ShowGuide, ShowLabels, ShowThing, action_id
from bots.chat_layout import Block, BlockKind, ChatMessage
from bots.discord.buttons import ActionButton, ActionMenu, view_of
from bots.discord.rendering import CONTENT_LIMIT, EMBED_LIMIT, escaped, markdown, plain, rendered
from bots.reply import Button
from bots.utf16 import length
from inference.labels import Label


def things(number: int) -> tuple[Button, ...]:
    return tuple(Button(f"Thing {each}", ShowThing(f"thing-{each}")) for each in range(number))


def rows_of(buttons: Any) -> list[dict[str, Any]]:
    view = view_of(buttons)
    return [] if view is None else view.to_components()


def ids_in(rows: list[dict[str, Any]]) -> list[str]:
    """The actions that can be pressed, entries of menus included."""
    found = []
    for row in rows:
        for each in row["components"]:
            options = [option["value"] for option in each.get("options", [])]
            found += options or [each["custom_id"].removeprefix("bunri:")]
    return found


def test_dangers_are_quoted_before_the_headline() -> None:
    text = markdown(
        [
            Block(BlockKind.DANGER, "Fire", ("Tape the poles.",)),
            Block(BlockKind.HEADLINE, "Battery"),
            Block(BlockKind.NUMBERED, items=("Take it out", "Bring it back")),
            Block(BlockKind.LIST, "Also:", ("a shop",)),
            Block(BlockKind.HEADING, "Where"),
            Block(BlockKind.SMALL, "AI may be wrong."),
        ]
    )
    assert text.split("\n") == [
        "> **Fire**",
        "> Tape the poles.",
        "## Battery",
        "1. Take it out",
        "2. Bring it back",
        "Also:",
        "- a shop",
        "**Where**",
        "-# AI may be wrong.",
    ]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a*b_c~d|e`f", r"a\*b\_c\~d\|e\`f"),
        ("[text](https://example.org/a_b)", r"\[text\](<https://example.org/a_b>)"),
        ("see https://example.org/a_b.", "see <https://example.org/a_b>."),
        ("# big", r"\# big"),
        ("1. first", r"1\. first"),
        ("-# small", r"\-# small"),
        ("3.5 kg", "3.5 kg"),
        ("우유팩 #1", "우유팩 #1"),
    ],
)
def test_words_mean_nothing_to_discord(words: str, shown: str) -> None:
    assert escaped(words) == shown


@given(st.text(alphabet=st.sampled_from("@everyonhere<>!&0123456789 #"), max_size=60))
def test_no_mention_survives(words: str) -> None:
    text = escaped(words)
    assert "@everyone" not in text
    assert "@here" not in text
    assert re.search(r"(?<!\\)<[@#]", text) is None


def test_a_short_message_is_text() -> None:
    shown = rendered(ChatMessage((Block(BlockKind.HEADLINE, "Paper"),), ()))
    assert (shown.content, shown.embed, shown.view) == ("## Paper", None, None)


@given(st.integers(0, 80), st.text(min_size=1, max_size=200))
def test_no_message_is_longer_than_discord_allows(paragraphs: int, words: str) -> None:
    blocks = (Block(BlockKind.HEADLINE, words * 30), *[Block(BlockKind.PARAGRAPH, words)] * paragraphs)
    shown = rendered(ChatMessage(blocks, ()))
    if shown.content is not None:
        assert length(shown.content) <= CONTENT_LIMIT
    else:
        assert shown.embed is not None
        assert length(shown.embed.description or "") <= EMBED_LIMIT


def test_a_toast_is_cut_between_characters() -> None:
    shown = plain("😀" * 2000)
    assert shown.content is not None
    assert length(shown.content) <= CONTENT_LIMIT
    assert shown.content.endswith("😀…")


async def test_without_buttons_there_is_no_view() -> None:
    assert view_of(()) is None


async def test_rows_stay_as_they_were_laid_out() -> None:
    right, wrong, labels = (
        Button("Right", SayRight("ABCDEFGH")),
        Button("Wrong", SayWrong("ABCDEFGH")),
        Button("Labels", ShowLabels()),
    )
    rows = rows_of(((right, wrong), (labels,)))
    assert [[each["label"] for each in row["components"]] for row in rows] == [["Right", "Wrong"], ["Labels"]]


@pytest.mark.parametrize("number", [1, 5, 6, 24, 25, 26, 40])
async def test_no_button_is_lost_and_no_row_too_long(number: int) -> None:
    rows = rows_of(tuple((each,) for each in things(number)))
    assert len(rows) <= 5
    assert all(len(row["components"]) <= 5 for row in rows)
    assert ids_in(rows) == [f"thing:thing-{each}" for each in range(number)]


async def test_more_than_five_labels_are_a_menu_above_the_other_buttons() -> None:
    labels = tuple(Button(label.value, ShowGuide(label), label) for label in Label)
    rows = rows_of(((labels[:5]), (labels[5:]), things(30)))
    assert rows[0]["components"][0]["type"] == 3
    assert len(rows) == 5
    assert len(ids_in(rows)) == 42


async def test_five_labels_stay_buttons() -> None:
    labels = tuple(Button(label.value, ShowGuide(label), label) for label in list(Label)[:5])
    assert [each["type"] for each in rows_of((labels,))[0]["components"]] == [2] * 5


async def test_the_same_action_stands_once() -> None:
    button = Button("Paper", ShowGuide(Label.PAPER), Label.PAPER)
    assert ids_in(rows_of(((button, button), (button,)))) == ["guide:paper"]


async def test_long_words_on_a_button_are_shortened() -> None:
    (row,) = rows_of(((Button("a" * 100, ShowLabels()),),))
    assert row["components"][0]["label"] == "a" * 79 + "…"


async def test_deleting_everything_looks_dangerous() -> None:
    (row,) = rows_of(((Button("Delete", Forget(confirmed=True)), Button("Keep", Forget(confirmed=False))),))
    assert [each["style"] for each in row["components"]] == [4, 2]


@pytest.mark.parametrize("action", [ShowGuide(Label.WHITE_GLASS), SayRight("ABCDEFGH"), Forget(confirmed=True)])
def test_a_button_is_recognized_by_its_id_alone(action: Action) -> None:
    match = ActionButton.__discord_ui_compiled_template__.fullmatch(f"bunri:{action_id(action)}")
    assert match is not None
    assert match["action"] == action_id(action)
    assert ActionMenu.__discord_ui_compiled_template__.fullmatch(f"bunri:{action_id(action)}") is None
