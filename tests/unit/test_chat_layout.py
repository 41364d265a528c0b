"""A card as a chat shows it: what is said, in which order, and what waits behind buttons."""

import pytest

from bots.actions import AskCondition, SayRight, ShowGuide, ShowLabels, ShowSection
from bots.cards import CardWriter
from bots.chat_layout import Block, BlockKind, chat_message, fitted
from bots.messages import Messages, load_messages
from bots.reply import Banner, Button, Card, CardKind, Score, Tone
from bots.reply_sections import SectionKind
from guides import GuideBook, Language, load_guides
from inference.answer import Hazard
from inference.labels import LABELS, Label
from tests.scripted_inference import verdict

QUERY = "K7QF2M3X"


@pytest.fixture(scope="module")
def messages() -> Messages:
    return load_messages()


@pytest.fixture(scope="module")
def guides() -> GuideBook:
    return load_guides()


def writer(messages: Messages, guides: GuideBook, language: Language = "en") -> CardWriter:
    return CardWriter(messages.of(language), guides, "kr")


def test_a_danger_comes_before_the_headline(messages: Messages, guides: GuideBook) -> None:
    card = writer(messages, guides).photo(verdict(Label.METAL, hazards=(Hazard.BATTERY,)), QUERY)
    kinds = [block.kind for block in chat_message(card, messages.of("en")).blocks]
    assert kinds[:3] == [BlockKind.DANGER, BlockKind.HEADLINE, BlockKind.DETAIL]


def test_the_short_form_has_the_bin_and_the_steps_numbered(messages: Messages, guides: GuideBook) -> None:
    card = writer(messages, guides).photo(verdict(Label.PAPER), QUERY)
    blocks = chat_message(card, messages.of("en")).blocks
    assert card.guide is not None
    assert Block(BlockKind.PARAGRAPH, card.guide.summary) in blocks
    (steps,) = (section for section in card.guide.sections if section.kind is SectionKind.STEPS)
    (numbered,) = (block for block in blocks if block.kind is BlockKind.NUMBERED)
    assert len(numbered.items) == len(steps.items)


def test_the_sureness_is_said_in_words_and_as_a_number(messages: Messages) -> None:
    scores = (Score(Label.METAL, "Metal", 0.826), Score(Label.PAPER, "Paper", 0.1))
    card = Card(CardKind.ANSWER, "Metal", "Probably right", scores=scores)
    _, detail, others = chat_message(card, messages.of("en")).blocks
    assert detail.text == "Probably right"
    assert "83" in detail.items[0]
    assert "Paper 10" in others.text


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("label", LABELS)
def test_whatever_the_short_form_leaves_out_is_behind_a_button(
    messages: Messages, guides: GuideBook, label: Label, language: Language
) -> None:
    card = writer(messages, guides, language).guide(label)
    assert card.guide is not None
    rows = chat_message(card, messages.of(language)).buttons
    reachable = {button.action for row in rows for button in row}
    for section in card.guide.sections:
        match section.kind:
            case SectionKind.HAZARDS | SectionKind.STEPS:
                continue
            case SectionKind.CONDITION:
                assert AskCondition(label, section.id) in reachable
            case kind:
                assert ShowSection(label, kind) in reachable


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("label", LABELS)
def test_rows_are_short_enough_to_read(messages: Messages, guides: GuideBook, label: Label, language: Language) -> None:
    card = writer(messages, guides, language).photo(verdict(label), QUERY)
    rows = chat_message(card, messages.of(language)).buttons
    assert rows[0][0].action == SayRight(QUERY), "opinions come first"
    for row in rows:
        assert 1 <= len(row) <= 3
        assert all(0 < len(button.text) <= 48 for button in row)
        assert len(row) == 1 or all(len(button.text) <= 28 for button in row)


def test_a_very_long_button_is_cut_and_says_so(messages: Messages) -> None:
    card = Card(CardKind.SEARCH, "Which?", buttons=(Button("long " * 20, ShowLabels()),))
    (((button,),)) = chat_message(card, messages.of("en")).buttons
    assert len(button.text) <= 48
    assert button.text.endswith("…")


def test_what_a_button_does_survives_its_layout(messages: Messages) -> None:
    buttons = tuple(Button(f"Guide {label}", ShowGuide(label), label) for label in LABELS)
    rows = chat_message(Card(CardKind.LABELS, "Which?", buttons=buttons), messages.of("en")).buttons
    assert [button for row in rows for button in row] == list(buttons)


def test_a_warning_that_is_no_danger_is_told_apart(messages: Messages) -> None:
    card = Card(CardKind.INFO, "Headline", banners=(Banner(Tone.WARNING, "Careful", ("Sharp",)),))
    assert chat_message(card, messages.of("en")).blocks[0] == Block(BlockKind.WARNING, "Careful", ("Sharp",))


def length(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.text) + sum(map(len, block.items)) for block in blocks)


BLOCKS = (
    Block(BlockKind.DANGER, "danger"),
    Block(BlockKind.HEADLINE, "headline"),
    Block(BlockKind.PARAGRAPH, "first paragraph"),
    Block(BlockKind.PARAGRAPH, "second paragraph"),
)


def test_what_fits_stays_as_it_is() -> None:
    assert fitted(BLOCKS, length, length(BLOCKS)) == BLOCKS


def test_the_last_blocks_are_dropped_first_and_three_dots_say_so() -> None:
    kept = fitted(BLOCKS, length, length(BLOCKS) - 1)
    assert [block.text for block in kept] == ["danger", "headline", "first paragraph", "…"]
    assert length(kept) < length(BLOCKS)


def test_dangers_and_the_headline_stay_however_little_room_there_is() -> None:
    assert [block.text for block in fitted(BLOCKS, length, 1)] == ["danger", "headline", "…"]
