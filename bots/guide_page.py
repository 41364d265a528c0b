"""A guide's data -> the page a resident reads: sections in reading order, links as buttons."""

from collections.abc import Iterable, Iterator

from bots.actions import ShowGuide
from bots.messages import Texts
from bots.reply import Button, GuidePage, Item, Section, Tone
from bots.reply_sections import SectionKind
from guides import ANYWHERE, Guide, Headings
from guides.schema import Bin, Money
from inference.labels import Label


def guide_page(guide: Guide, headings: Headings, texts: Texts, *, with_hazards: bool = True) -> GuidePage:
    """The page of a guide.

    Args:
        guide: what is to be said.
        headings: the words above the sections, in the guide's language.
        texts: the messages in the guide's language.
        with_hazards: whether the page names the hazards; not needed where a banner already does.

    """
    sections = _sections(guide, headings, texts)
    return GuidePage(
        label=Label(guide.label),
        title=guide.title,
        place=headings.jurisdictions.get(guide.jurisdiction, ""),
        place_note=texts("guide-general") if guide.jurisdiction == ANYWHERE else "",
        summary=guide.summary,
        stream_heading=headings.stream,
        stream=guide.stream.name,
        stream_note=_spoken(guide.stream),
        sections=tuple(
            section
            for section in sections
            if section.items and (with_hazards or section.kind is not SectionKind.HAZARDS)
        ),
    )


def _sections(guide: Guide, headings: Headings, texts: Texts) -> Iterator[Section]:
    """Every section, also the empty ones, in the order of ``SectionKind``."""

    def section(kind: SectionKind, heading: str, items: Iterable[Item], name: str = "") -> Section:
        return Section(kind, heading, tuple(items), name)

    def link(label: str | None) -> Button | None:
        return None if label is None else _link(Label(label), headings, texts)

    yield section(
        SectionKind.BINS,
        headings.other_bins,
        (Item(each.takes or "", each.name, _spoken(each)) for each in guide.other_bins),
    )
    yield section(
        SectionKind.HAZARDS,
        headings.hazards,
        (Item(each.text, headings.severity[each.severity], tone=Tone(each.severity.value)) for each in guide.hazards),
    )
    yield section(SectionKind.STEPS, headings.steps, (Item(each.text) for each in guide.steps))
    for condition in guide.conditions:
        yield section(
            SectionKind.CONDITION,
            condition.question,
            (Item(each.text, each.button, button=link(each.label)) for each in condition.answers),
            condition.id,
        )
    yield section(
        SectionKind.PARTS,
        headings.parts,
        (Item(each.text, each.name, button=link(each.label)) for each in guide.parts),
    )
    yield section(
        SectionKind.MISTAKES,
        headings.mistakes,
        (Item(each.instead, each.wrong, headings.instead) for each in guide.mistakes),
    )
    yield section(SectionKind.BECOMES, headings.becomes, (Item(each.text) for each in guide.becomes))
    yield section(SectionKind.MONEY, headings.money, _money(guide.money, texts))
    yield section(SectionKind.MARKS, headings.marks, (Item(each.text, each.name) for each in guide.marks))
    yield section(
        SectionKind.CONTACTS,
        headings.contacts,
        (Item(each.text, each.name, each.phone or "") for each in guide.contacts),
    )
    yield section(
        SectionKind.DIFFERS,
        headings.differs_by_town,
        (Item(each.text, each.topic) for each in guide.differs_by_town),
    )
    yield section(
        SectionKind.SOURCES,
        headings.sources,
        (Item(each.page or "", each.name, f"{headings.checked} {each.checked.isoformat()}") for each in guide.sources),
    )


def _money(rules: Iterable[Money], texts: Texts) -> Iterator[Item]:
    for rule in rules:
        yield Item(rule.text)
        for deposit in rule.deposits:
            amount = texts("deposit", amount=deposit.amount, currency=deposit.currency)
            yield Item(amount, deposit.container)


def _link(label: Label, headings: Headings, texts: Texts) -> Button:
    return Button(f"{texts(f'label-{label.value}')} · {headings.see_guide}", ShowGuide(label), label)


def _spoken(each: Bin) -> str:
    return " · ".join(name for name in (each.korean, each.romanised) if name)
