"""What is typed at the terminal, and what it shows."""

from functools import cache
from pathlib import Path

import pytest

from bots.console.adapter import ConsoleAdapter
from bots.console.rendering import printable
from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.messages import Messages, load_messages
from guides import GuideBook, load_guides
from guides.things import ThingIndex, load_things
from tests.scripted_inference import ScriptedInference


class Terminal:
    """A console without a terminal: what it showed, and what inference saw."""

    def __init__(self) -> None:
        guides, messages, things = _words()
        self.shown: list[str] = []
        self.inference = ScriptedInference()
        conversation = Conversation(
            self.inference, guides, messages, things=things, options=ConversationOptions(language="en")
        )
        self.console = ConsoleAdapter(conversation, self.shown.append, max_photo_bytes=10)

    async def type(self, line: str) -> str:
        """What a line is answered with."""
        self.shown.clear()
        await self.console.take(line)
        return "\n".join(self.shown)


@cache
def _words() -> tuple[GuideBook, Messages, ThingIndex]:
    return load_guides(), load_messages(), load_things()


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


async def test_the_greeting_says_what_can_be_typed(terminal: Terminal) -> None:
    await terminal.console.greet()
    assert terminal.shown[0].startswith("Hello, this is Bunri")
    assert "/quit" in terminal.shown[-1]


@pytest.mark.parametrize("line", ["{}", "'{}'", '"{}"', "photo {}", "photo '{}'", "/photo {}", "/classify '{}'"])
async def test_the_path_of_a_photo_sends_it(terminal: Terminal, tmp_path: Path, line: str) -> None:
    file = tmp_path / "a photo.jpg"
    file.write_bytes(b"photo")
    assert "Plastic" in await terminal.type(line.format(file))
    assert terminal.inference.seen == [b"photo"]


async def test_several_paths_are_an_album(terminal: Terminal, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode())
    await terminal.type(f"{tmp_path}/a {tmp_path}/b")
    assert sorted(terminal.inference.seen) == [b"a", b"b"]


async def test_of_a_file_that_is_too_big_one_byte_more_is_read_than_allowed(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 1000)
    await terminal.type(f"{tmp_path}/big")
    assert terminal.inference.seen == [b"x" * 11]


@pytest.mark.parametrize("line", ["photo none.jpg", "photo", "/classify", "photo /dev/zero", "photo ~nobody-known/a"])
async def test_a_photo_that_is_not_there_is_told_with_how_to_type_it(terminal: Terminal, line: str) -> None:
    said = await terminal.type(line)
    assert said.startswith("I can’t find that file")
    assert terminal.inference.seen == []


async def test_a_number_presses_its_button_and_the_numbers_go_on_below(terminal: Terminal) -> None:
    labels = await terminal.type("/labels")
    assert "[1] " in labels
    guide = await terminal.type("1")
    assert "[13] " in guide, "the twelve above can still be pressed"
    assert "[1] " not in guide


@pytest.mark.parametrize("line", ["0", "99", "12345", "²", "٣"])
async def test_a_number_of_no_button_is_words_like_any_other(terminal: Terminal, line: str) -> None:
    await terminal.type("/lang")
    assert "I don’t know a thing of that name" in await terminal.type(line)


async def test_an_empty_line_asks_nothing(terminal: Terminal) -> None:
    assert await terminal.type("  \t") == ""


async def test_quotes_that_do_not_close_are_words(terminal: Terminal) -> None:
    assert await terminal.type("grandma's \"hat") != ""


def test_control_characters_never_reach_the_terminal() -> None:
    assert printable("a\x1b[2Jb\nc\x07") == "a\ufffd[2Jb\nc\ufffd"
