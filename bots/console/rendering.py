"""A chat message as plain text, its buttons numbered."""

from collections.abc import Iterator, Sequence

from bots.chat_layout import Block, BlockKind
from bots.reply import Button


def message_text(blocks: Sequence[Block], buttons: Sequence[Button], first: int) -> str:
    """The blocks, an empty line between them, and below them the buttons with the numbers to type, from ``first``."""
    parts = ["\n".join(_lines(block)) for block in blocks]
    parts.append("\n".join(f"[{number}] {button.text}" for number, button in enumerate(buttons, start=first)))
    return printable("\n\n".join(part for part in parts if part))


def printable(text: str) -> str:
    """Without control characters: words that a resident typed must not talk to the terminal."""
    return "".join(each if each == "\n" or each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _lines(block: Block) -> Iterator[str]:
    if block.text:
        is_warning = block.kind in {BlockKind.DANGER, BlockKind.WARNING}
        yield f"⚠ {block.text}" if is_warning else block.text
    for place, item in enumerate(block.items, start=1):
        match block.kind:
            case BlockKind.LIST:
                yield f"- {item}"
            case BlockKind.NUMBERED:
                yield f"{place}. {item}"
            case _:
                yield item
