"""A guide's page -> text for a terminal: hazards, then where it goes, then the rest in reading order."""

from typing import Final

import click

from bots.reply import GuidePage, Item, Section, Tone
from bots.reply_sections import SectionKind
from bunri.terminal_text import wrap

_COLOURS: Final = {Tone.DANGER: "red", Tone.WARNING: "yellow", Tone.CAUTION: "yellow"}


def guide_text(page: GuidePage, width: int) -> str:
    """The whole page, ``width`` columns wide, with ANSI styles (``click.echo`` drops them in a pipe)."""
    hazards = [section for section in page.sections if section.kind is SectionKind.HAZARDS]
    others = [section for section in page.sections if section.kind is not SectionKind.HAZARDS]
    return "\n\n".join(
        [
            _block(
                f"{page.title} · {page.place}", [wrap(each, width) for each in (page.summary, page.place_note) if each]
            ),
            *(_section(section, width) for section in hazards),
            _block(page.stream_heading, [_wrapped(_sentence(page.stream, page.stream_note), width, "  ")]),
            *(_section(section, width) for section in others),
        ]
    )


def _section(section: Section, width: int) -> str:
    match section.kind:
        case SectionKind.STEPS:
            lines = [_wrapped(item.text, width, f"  {at}. ") for at, item in enumerate(section.items, 1)]
        case SectionKind.MISTAKES:
            lines = [_mistake(item, width) for item in section.items]
        case SectionKind.HAZARDS:
            lines = [_hazard(item, width) for item in section.items]
        case _:
            lines = [_wrapped(_entry(item), width, "  - ") for item in section.items]
    return _block(section.heading, lines)


def _mistake(item: Item, width: int) -> str:
    return "\n".join(
        [_wrapped(item.term, width, "  × "), wrap(_sentence(item.note, "", item.text), width, "    ", "    ")]
    )


def _hazard(item: Item, width: int) -> str:
    return click.style(_wrapped(_entry(item), width, "  ! "), fg=_COLOURS[item.tone] if item.tone is not None else None)


def _entry(item: Item) -> str:
    sentence = _sentence(item.term, item.note, item.text)
    return f"{sentence} [{item.button.text}]" if item.button else sentence


def _sentence(term: str, note: str, text: str = "") -> str:
    head = f"{term} ({note})" if term and note else term or note
    return ": ".join(part for part in (head, text) if part)


def _block(heading: str, lines: list[str]) -> str:
    return "\n".join([click.style(heading, bold=True), *lines])


def _wrapped(text: str, width: int, bullet: str) -> str:
    return wrap(text, width, bullet, " " * len(bullet))
