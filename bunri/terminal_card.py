"""A card -> plain text for a terminal."""

from collections.abc import Iterator
from typing import Final

from bots.reply import Banner, Card, GuidePage, Score
from bunri.terminal_text import columns

_INDENT: Final = "  "
_BAR_LENGTH: Final = 20


def card_text(card: Card) -> str:
    """The card as indented lines: warnings first, then the answer, the runners-up and the guide in short."""
    return "\n".join(_INDENT + line if line else "" for line in _lines(card))


def _lines(card: Card) -> Iterator[str]:
    for banner in card.banners:
        yield from _banner(banner)
    yield " — ".join(part for part in (card.headline, card.detail) if part)
    width = max((columns(score.name) for score in card.scores), default=0)
    for score in card.scores:
        yield _score(score, width)
    choices = [button.text for button in card.buttons if button.label]
    if choices:
        yield " / ".join(choices)
    yield from (text for text in (card.caution, *card.notices) if text)
    if card.guide:
        yield from _guide(card.guide)
    if card.tips:
        yield card.tips_title
        yield from (f"- {tip}" for tip in card.tips)


def _banner(banner: Banner) -> Iterator[str]:
    yield f"⚠ {banner.title}"
    for line in banner.lines:
        yield f"{_INDENT}{line}"


def _score(score: Score, width: int) -> str:
    filled = round(score.p * _BAR_LENGTH)
    bar = "█" * filled + "·" * (_BAR_LENGTH - filled)
    return f"{score.name}{' ' * (width - columns(score.name))}  {bar} {score.p:6.1%}"


def _guide(guide: GuidePage) -> Iterator[str]:
    yield guide.summary
    note = f" ({guide.stream_note})" if guide.stream_note else ""
    yield f"{guide.stream_heading}: {guide.stream}{note}"
    if guide.place_note:
        yield guide.place_note
