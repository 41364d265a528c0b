"""Cards that explain: how Bunri works, what it stores, what it has stored about a reader, how it does."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from bots.actions import ShowLabels
from bots.cards import CardWriter
from bots.messages import Texts
from bots.platforms import Platform
from bots.reply import Button, Card, CardKind
from bots.request import Command
from db.my_data import MyData
from db.precision import ClassPrecision
from db.queries import Query, Statistics
from inference.labels import LABELS, Label

_LATEST: Final = 5
_COMMONEST: Final = 5


def start_card(texts: Texts, platform: Platform, keeps_photos: bool) -> Card:
    """The first thing that a resident reads: what Bunri does, what it notes down and keeps, how old one must be."""
    notice = texts("start-notice-with-photos" if keeps_photos else "start-notice")
    return Card(
        CardKind.INFO,
        texts("start"),
        texts("start.detail"),
        paragraphs=(texts("start-how"), *_groups(texts, platform), notice, texts("start-age")),
        buttons=(Button(texts("not-waste-choose"), ShowLabels()),),
    )


def help_card(texts: Texts, platform: Platform) -> Card:
    """What can be sent, and every command with its meaning."""
    commands = tuple(
        texts("help-command", name=command.value, meaning=texts(f"command-{command.value}")) for command in Command
    )
    return Card(
        CardKind.INFO, texts("help"), texts("start-how"), paragraphs=(*_groups(texts, platform), "\n".join(commands))
    )


def _groups(texts: Texts, platform: Platform) -> tuple[str, ...]:
    """How it is in groups, where there are any."""
    return (texts("start-groups"),) if platform in {Platform.TELEGRAM, Platform.DISCORD} else ()


def privacy_card(texts: Texts, contact: str, keeps_photos: bool) -> Card:
    """What is stored, why, for how long, and how to have it deleted. Both platforms' terms ask for it."""
    return Card(
        CardKind.INFO,
        texts("privacy"),
        texts("privacy-photos-consent" if keeps_photos else "privacy-photos-never"),
        paragraphs=(
            texts("privacy-log"),
            texts("privacy-time"),
            texts("privacy-others"),
            texts("privacy-rights"),
            texts("contact", address=contact) if contact else texts("contact-report"),
            texts("start-age"),
        ),
    )


def my_data_card(data: MyData, photos: int, writer: CardWriter) -> Card:
    """Everything stored about the reader: the counts, and the latest queries in full."""
    texts = writer.texts
    none = texts("mydata-unset")
    counts = (
        texts("mydata-language", language=data.preferences.language or none),
        texts("mydata-region", place=data.preferences.region or none),
        texts(f"mydata-consent-{data.consents[-1].state.value if data.consents else 'unasked'}"),
        texts("mydata-queries", count=len(data.queries)),
        texts("mydata-feedback", count=len(data.feedback)),
        texts("mydata-reports", count=len(data.reports)),
        texts("mydata-photos", count=photos),
    )
    latest = tuple(_query_line(query, writer) for query in reversed(data.queries[-_LATEST:]))
    return Card(
        CardKind.INFO,
        texts("mydata"),
        texts("mydata.detail"),
        paragraphs=("\n".join(counts), *(("\n".join((texts("mydata-latest"), *latest)),) if latest else ())),
    )


def statistics_card(
    figures: Statistics, days: int, writer: CardWriter, precision: Sequence[ClassPrecision] = ()
) -> Card:
    """Public figures: of nobody in particular. ``precision``: on photos that people labelled again, if any."""
    texts = writer.texts
    lines = [texts("stats-queries", count=figures.queries)]
    if figures.share_right is not None:
        lines.append(texts("stats-right", percent=round(figures.share_right * 100), count=figures.judged))
    if figures.latency_median_ms is not None:
        lines.append(texts("stats-speed", milliseconds=round(figures.latency_median_ms)))
    commonest = [(name, count) for name, count in figures.by_label.items() if name in list(LABELS)][:_COMMONEST]
    if commonest:
        names = ", ".join(texts("stats-label", name=writer.name(Label(name)), count=count) for name, count in commonest)
        lines.append(texts("stats-labels", labels=names))
    relabelled = _relabelled_lines(precision, writer)
    paragraphs = (*lines, "\n".join(relabelled)) if relabelled else tuple(lines)
    return Card(CardKind.INFO, texts("stats"), texts("stats.detail", days=days), paragraphs=paragraphs)


def _relabelled_lines(precision: Sequence[ClassPrecision], writer: CardWriter) -> list[str]:
    """Of the model with the most relabelled photos, a line a label; nothing where there is none."""
    known = [each for each in precision if each.label in list(LABELS)]
    if not known:
        return []
    photos = Counter[str]()
    for each in known:
        photos[each.model] += each.photos
    model = photos.most_common(1)[0][0]
    own = {each.label: each for each in known if each.model == model}
    lines = [writer.texts("stats-relabelled", count=photos[model])]
    lines += [
        writer.texts("stats-precision", name=writer.name(label), right=found.right, count=found.photos)
        for label in LABELS
        if (found := own.get(label.value)) is not None
    ]
    return lines


def _query_line(query: Query, writer: CardWriter) -> str:
    label = writer.name(Label(query.label)) if query.label in list(LABELS) else writer.texts("mydata-no-label")
    return writer.texts("mydata-query", date=query.at.date().isoformat(), label=label, number=query.id)
