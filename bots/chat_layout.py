"""A card -> what a chat shows of it: blocks of text and rows of buttons, in no platform's markup.

A chat gets the short form: dangers, the answer, where it goes, the steps. The rest of the guide is behind buttons.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bots.actions import AskCondition, ShowSection
from bots.messages import Texts
from bots.reply import Banner, Button, Card, GuidePage, Section, Tone
from bots.reply_sections import SectionKind

_SHOWN: Final = frozenset({SectionKind.HAZARDS, SectionKind.STEPS})
_BEHIND_BUTTONS: Final = (
    SectionKind.PARTS,
    SectionKind.BINS,
    SectionKind.MISTAKES,
    SectionKind.BECOMES,
    SectionKind.MONEY,
    SectionKind.DIFFERS,
    SectionKind.MARKS,
    SectionKind.CONTACTS,
    SectionKind.SOURCES,
)
_LONG_BUTTON: Final = 14
"""Characters from which on a button has a row of its own, or shares it with one other."""

_LONGEST_BUTTON: Final = 48


class BlockKind(StrEnum):
    """What a block of text is for; a platform decides how it looks."""

    DANGER = "danger"
    WARNING = "warning"
    HEADLINE = "headline"
    DETAIL = "detail"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    NUMBERED = "numbered"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Block:
    """Some text: a sentence, or a list under perhaps a sentence."""

    kind: BlockKind
    text: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """What is shown: the blocks, and the rows of buttons below them."""

    blocks: tuple[Block, ...]
    buttons: tuple[tuple[Button, ...], ...]


def chat_message(card: Card, texts: Texts) -> ChatMessage:
    """The card as one message."""
    return ChatMessage(tuple(_blocks(card, texts)), tuple(_rows(card, texts)))


def fitted(blocks: tuple[Block, ...], measure: Callable[[tuple[Block, ...]], int], limit: int) -> tuple[Block, ...]:
    """The blocks that fit, the last ones dropped first; dangers and the headline stay, whatever their length.

    Where something was dropped, three dots say so: the button of that section still shows it.
    """
    kept = blocks
    while measure(kept) > limit:
        droppable = [place for place, block in enumerate(kept) if block.kind not in _STAY and block != _MORE]
        if not droppable:
            break
        kept = (*(block for place, block in enumerate(kept) if place != droppable[-1] and block != _MORE), _MORE)
    return kept


_STAY: Final = frozenset({BlockKind.DANGER, BlockKind.WARNING, BlockKind.HEADLINE})
_MORE: Final = Block(BlockKind.SMALL, "…")


def section_lines(section: Section) -> tuple[str, ...]:
    """A section of a guide as lines of text: ``Cap: take it off (metal)``."""
    return tuple(_line(item.term, item.text, item.note) for item in section.items)


def _line(term: str, text: str, note: str) -> str:
    said = f"{term}: {text}" if term and text else term or text
    return f"{said} ({note})" if note else said


def _blocks(card: Card, texts: Texts) -> Iterator[Block]:
    for banner in card.banners:
        yield Block(_banner_kind(banner), banner.title, banner.lines)
    yield Block(BlockKind.HEADLINE, card.headline)
    yield from _detail(card, texts)
    for paragraph in card.paragraphs:
        yield Block(BlockKind.PARAGRAPH, paragraph)
    if card.guide is not None:
        yield from _guide(card.guide)
    if card.tips:
        yield Block(BlockKind.HEADING, card.tips_title)
        yield Block(BlockKind.LIST, items=card.tips)
    for small in (card.caution, *card.notices, *([card.guide.place_note] if card.guide else [])):
        if small:
            yield Block(BlockKind.SMALL, small)


def _banner_kind(banner: Banner) -> BlockKind:
    return BlockKind.DANGER if banner.tone is Tone.DANGER else BlockKind.WARNING


def _detail(card: Card, texts: Texts) -> Iterator[Block]:
    if card.scores:
        shares = [texts("chat-score", name=score.name, percent=round(score.p * 100)) for score in card.scores]
        yield Block(BlockKind.DETAIL, card.detail, (texts("chat-scores", first=shares[0]),))
        if len(shares) > 1:
            yield Block(BlockKind.SMALL, texts("chat-others", others=", ".join(shares[1:])))
    elif card.detail:
        yield Block(BlockKind.DETAIL, card.detail)


def _guide(page: GuidePage) -> Iterator[Block]:
    yield Block(BlockKind.HEADING, page.stream_heading)
    yield Block(BlockKind.PARAGRAPH, _line("", page.stream, page.stream_note))
    yield Block(BlockKind.PARAGRAPH, page.summary)
    for section in page.sections:
        if section.kind in _SHOWN:
            kind = BlockKind.NUMBERED if section.kind is SectionKind.STEPS else BlockKind.LIST
            yield Block(BlockKind.HEADING, section.heading)
            yield Block(kind, items=section_lines(section))


def _rows(card: Card, texts: Texts) -> Iterator[tuple[Button, ...]]:
    yield from _packed(card.buttons)
    if card.guide is None:
        return
    page = card.guide
    for section in page.sections:
        if section.kind is SectionKind.CONDITION:
            yield (Button(_short(section.heading), AskCondition(page.label, section.id)),)
    present = {section.kind for section in page.sections}
    kinds = [kind for kind in _BEHIND_BUTTONS if kind in present]
    yield from _packed(Button(texts(f"section-{kind.value}"), ShowSection(page.label, kind)) for kind in kinds)


def _packed(buttons: Iterable[Button]) -> Iterator[tuple[Button, ...]]:
    """Rows of three short buttons, or two long ones, or one very long one."""
    row: list[Button] = []
    for button in (Button(_short(each.text), each.action, each.label) for each in buttons):
        if row and len(row) >= _room([*row, button]):
            yield tuple(row)
            row = []
        row.append(button)
    if row:
        yield tuple(row)


def _room(row: list[Button]) -> int:
    """How many buttons a row may have that holds these."""
    longest = max(len(button.text) for button in row)
    return 1 if longest > 2 * _LONG_BUTTON else 2 if longest > _LONG_BUTTON else 3


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_BUTTON else text[: _LONGEST_BUTTON - 1].rstrip() + "…"
