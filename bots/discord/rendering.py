"""A reply's message as Discord shows it: Markdown, and components below it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import discord

from bots.chat_layout import Block, BlockKind, ChatMessage, fitted
from bots.discord.buttons import view_of
from bots.utf16 import cut, length

CONTENT_LIMIT: Final = 2000
"""Characters of a message's text (Discord, message limits)."""

EMBED_LIMIT: Final = 4096
"""Characters of an embed's description (Discord, embed limits)."""

_ADDRESS: Final = re.compile(r"(?<!<)https?://[^\s<>]+[^\s<>.,;:!?)\]]")
_LINE_START: Final = re.compile(r"^(\s*\d*)(#{1,3}|-#?|\+|>{1,3}|\.)(?=\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent. Exactly one of ``content`` and ``embed`` is there; ``view`` is None where nothing can be pressed.

    Plain text needs no permission to embed links and shows to readers who switched embeds off, so that an embed
    is left for what is too long for a text.
    """

    content: str | None
    embed: discord.Embed | None
    view: discord.ui.View | None


def rendered(message: ChatMessage) -> Rendered:
    """The message within Discord's limits. Needs a running event loop, as discord.py's views do."""
    view = view_of(message.buttons)
    text = markdown(message.blocks)
    if length(text) <= CONTENT_LIMIT:
        return Rendered(text, None, view)
    blocks = fitted(message.blocks, _measure, EMBED_LIMIT)
    return Rendered(None, discord.Embed(description=cut(markdown(blocks), EMBED_LIMIT)), view)


def plain(text: str) -> Rendered:
    """A few words without anything to press."""
    return Rendered(cut(escaped(text), CONTENT_LIMIT), None, None)


def markdown(blocks: Sequence[Block]) -> str:
    """Blocks in Discord's Markdown; a resident's own words in them stay words."""
    return "\n".join(_block(block) for block in blocks).strip()


def escaped(text: str) -> str:
    """Text whose characters mean nothing to Discord; addresses stay links, without a preview."""
    pieces: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        pieces += [_escaped_words(text[end : match.start()]), f"<{match[0]}>"]
        end = match.end()
    return "".join([*pieces, _escaped_words(text[end:])])


def _escaped_words(text: str) -> str:
    words = re.sub(r"([\\*_~|`\[\]<])", r"\\\1", text)
    words = _LINE_START.sub(lambda match: f"{match[1]}\\{match[2]}", words)
    # No message of Bunri's may notify anybody (AllowedMentions.none()); this keeps it from looking as if it did.
    return discord.utils.escape_mentions(words)


def _block(block: Block) -> str:
    text = escaped(block.text)
    items = [escaped(item) for item in block.items]
    match block.kind:
        case BlockKind.DANGER | BlockKind.WARNING:
            return "\n".join(f"> {line}" for part in [f"**{text}**", *items] for line in part.split("\n"))
        case BlockKind.HEADLINE:
            return f"## {text}"
        case BlockKind.HEADING:
            return f"**{text}**"
        case BlockKind.SMALL:
            return "\n".join(f"-# {line}" for line in [*text.split("\n"), *items] if line)
        case BlockKind.LIST:
            return "\n".join([*([text] if text else []), *(f"- {item}" for item in items)])
        case BlockKind.NUMBERED:
            lines = (f"{place}. {item}" for place, item in enumerate(items, start=1))
            return "\n".join([*([text] if text else []), *lines])
        case BlockKind.DETAIL | BlockKind.PARAGRAPH:
            return "\n".join([*([text] if text else []), *items])


def _measure(blocks: tuple[Block, ...]) -> int:
    return length(markdown(blocks))
