"""A reply's message as Telegram shows it: HTML, and an inline keyboard below it."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bots.actions import action_id
from bots.chat_layout import Block, BlockKind, ChatMessage, fitted
from bots.reply import Button
from bots.utf16 import cut, length

TEXT_LIMIT: Final = 4096
"""Characters of a message after its entities are parsed (Bot API, sendMessage)."""

_MOST_BUTTONS: Final = 100


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent: ``html`` as Telegram's HTML, ``plain`` the same words without markup, ``keyboard`` below."""

    html: str
    plain: str
    keyboard: InlineKeyboardMarkup | None


def rendered(message: ChatMessage) -> Rendered:
    """The message within Telegram's limits."""
    blocks = fitted(message.blocks, _measure, TEXT_LIMIT)
    plain = plain_text(blocks)
    if length(plain) > TEXT_LIMIT:
        # The last resort, for a headline and dangers that alone are too long: no markup could be cut safely.
        plain = cut(plain, TEXT_LIMIT)
        return Rendered(html.escape(plain, quote=False), plain, keyboard(message.buttons))
    return Rendered(html_text(blocks), plain, keyboard(message.buttons))


def joined(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Several messages as one, as far as one has room for them; whole messages go into the next one."""
    pages: list[ChatMessage] = []
    for message in messages:
        if pages:
            both = ChatMessage((*pages[-1].blocks, *message.blocks), (*pages[-1].buttons, *message.buttons))
            buttons = sum(len(row) for row in both.buttons)
            if _measure(both.blocks) <= TEXT_LIMIT and buttons <= _MOST_BUTTONS:
                pages[-1] = both
                continue
        pages.append(message)
    return pages


def html_text(blocks: Sequence[Block]) -> str:
    """Blocks in Telegram's HTML; whatever stands in them stays text."""
    return "\n\n".join(_html(block) for block in blocks)


def plain_text(blocks: Sequence[Block]) -> str:
    """The same words without markup."""
    return "\n\n".join("\n".join(_lines(block)) for block in blocks)


def keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """The buttons, each with the id of its action."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.text, callback_data=action_id(button.action)) for button in row] for row in rows]
    )


def _lines(block: Block) -> list[str]:
    match block.kind:
        case BlockKind.DANGER | BlockKind.WARNING:
            items = [f"⚠️ {block.text}", *block.items]
        case BlockKind.LIST:
            items = [block.text, *(f"• {item}" for item in block.items)]
        case BlockKind.NUMBERED:
            items = [block.text, *(f"{place}. {item}" for place, item in enumerate(block.items, start=1))]
        case _:
            items = [block.text, *block.items]
    return [item for item in items if item]


def _html(block: Block) -> str:
    lines = [html.escape(line, quote=False) for line in _lines(block)]
    match block.kind:
        case BlockKind.DANGER | BlockKind.WARNING:
            first, *rest = lines
            return "<blockquote>" + "\n".join([f"<b>{first}</b>", *rest]) + "</blockquote>"
        case BlockKind.HEADLINE | BlockKind.HEADING:
            return "\n".join(f"<b>{line}</b>" for line in lines)
        case BlockKind.SMALL:
            return "\n".join(f"<i>{line}</i>" for line in lines)
        case _:
            return "\n".join(lines)


def _measure(blocks: tuple[Block, ...]) -> int:
    return length(plain_text(blocks))
