"""How a reply looks in Telegram: its HTML, its limits, its buttons."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.actions import Correct, ShowGuide, ShowLabels, ShowThing, read_action
from bots.chat_layout import Block, BlockKind, ChatMessage
from bots.reply import Button
from bots.telegram.rendering import TEXT_LIMIT, html_text, joined, keyboard, plain_text, rendered
from bots.utf16 import length
from inference.labels import LABELS, Label

_TAGS = {"b", "i", "blockquote"}
BUTTON = Button("Paper", ShowGuide(Label.PAPER))


class Reader(HTMLParser):
    """Reads HTML as strictly as Telegram does: few tags, each of them closed in its turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS
        assert not attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(markup: str) -> str:
    """The words that Telegram shows of some HTML."""
    assert re.search(r"&(?!amp;|lt;|gt;)", markup) is None, "Telegram knows few entities"
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    return reader.text


def text_of(*blocks: Block) -> ChatMessage:
    return ChatMessage(blocks, ())


def test_each_kind_of_block_has_its_look() -> None:
    markup = html_text(
        [
            Block(BlockKind.DANGER, "Fire", ("Tape the poles.",)),
            Block(BlockKind.HEADLINE, "Battery"),
            Block(BlockKind.DETAIL, "Almost certain", ("97 %",)),
            Block(BlockKind.NUMBERED, items=("Take it out", "Bring it back")),
            Block(BlockKind.LIST, "Also:", ("a shop",)),
            Block(BlockKind.HEADING, "Where"),
            Block(BlockKind.SMALL, "AI may be wrong."),
        ]
    )
    assert markup.split("\n\n") == [
        "<blockquote><b>⚠️ Fire</b>\nTape the poles.</blockquote>",
        "<b>Battery</b>",
        "Almost certain\n97 %",
        "1. Take it out\n2. Bring it back",
        "Also:\n• a shop",
        "<b>Where</b>",
        "<i>AI may be wrong.</i>",
    ]


blocks = st.builds(
    Block,
    st.sampled_from(BlockKind),
    st.text(alphabet=st.sampled_from("<>&\"'b/i a;#ㄱ🙂"), max_size=20),
    st.lists(st.text(alphabet=st.sampled_from("<>&ab;"), max_size=10), max_size=3).map(tuple),
)


@given(st.lists(blocks, max_size=5))
def test_whatever_the_words_they_are_shown_as_they_are(given_blocks: list[Block]) -> None:
    assert shown(html_text(given_blocks)) == plain_text(given_blocks)


def test_markup_in_words_stays_words() -> None:
    message = rendered(text_of(Block(BlockKind.HEADLINE, "<b>A & B</b> <script>")))
    assert message.html == "<b>&lt;b&gt;A &amp; B&lt;/b&gt; &lt;script&gt;</b>"
    assert message.plain == "<b>A & B</b> <script>"


@pytest.mark.parametrize("letter", ["a", "가", "🙂", "<"])
def test_a_long_message_is_shortened_by_whole_blocks_and_says_so(letter: str) -> None:
    headline = Block(BlockKind.HEADLINE, "Paper")
    paragraphs = [Block(BlockKind.PARAGRAPH, f"{number} " + letter * 900) for number in range(9)]
    message = rendered(text_of(headline, *paragraphs))
    text = shown(message.html)
    assert text == message.plain
    assert length(text) <= TEXT_LIMIT
    assert text.startswith("Paper")
    kept, last = text.split("\n\n")[1:-1], text.split("\n\n")[-1]
    assert last == "…", "no block was cut in the middle"
    assert kept == [block.text for block in paragraphs[: len(kept)]]
    assert kept


@pytest.mark.parametrize("letter", ["a", "🙂", "<"])
def test_dangers_alone_that_are_too_long_are_cut_between_characters(letter: str) -> None:
    message = rendered(text_of(Block(BlockKind.DANGER, letter * 5000), Block(BlockKind.HEADLINE, "Battery")))
    assert length(message.plain) <= TEXT_LIMIT
    assert html.unescape(message.html) == message.plain
    assert message.plain.startswith("⚠️ " + letter)
    assert message.plain.endswith(letter + "…")


def test_messages_are_joined_as_far_as_one_has_room() -> None:
    messages = [ChatMessage((Block(BlockKind.HEADLINE, str(n) * 1500),), ((BUTTON,),)) for n in range(5)]
    pages = joined(messages)
    assert [len(page.blocks) for page in pages] == [2, 2, 1]
    assert [len(page.buttons) for page in pages] == [2, 2, 1]
    assert all(length(plain_text(page.blocks)) <= TEXT_LIMIT for page in pages)
    assert [block for page in pages for block in page.blocks] == [each.blocks[0] for each in messages]


def test_messages_are_not_joined_beyond_a_hundred_buttons() -> None:
    messages = [ChatMessage((Block(BlockKind.HEADLINE, "x"),), ((BUTTON,),) * 40) for _ in range(3)]
    assert [len(page.buttons) for page in joined(messages)] == [80, 40]


def test_nothing_to_say_is_no_message() -> None:
    assert joined([]) == []


def test_buttons_carry_their_actions_in_64_bytes_and_in_their_rows() -> None:
    longest = max((Correct("K7QF2M3X", label) for label in LABELS), key=lambda action: len(action.label.value))
    rows = ((Button("A", ShowLabels()), Button("B", longest)), (Button("C", ShowThing("milk-carton")),))
    found = keyboard(rows)
    assert found is not None
    assert [[button.text for button in row] for row in found.inline_keyboard] == [["A", "B"], ["C"]]
    ids = [button.callback_data for row in found.inline_keyboard for button in row]
    assert all(isinstance(each, str) and len(each.encode()) <= 64 for each in ids)
    assert [read_action(str(each)) for each in ids] == [ShowLabels(), longest, ShowThing("milk-carton")]


def test_a_message_without_buttons_has_no_keyboard() -> None:
    assert keyboard(()) is None
    assert rendered(text_of(Block(BlockKind.HEADLINE, "x"))).keyboard is None
