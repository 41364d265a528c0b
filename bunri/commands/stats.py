"""``bunri stats``: what was asked and how it went; of nobody in particular."""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from bunri.failures import read_settings
from bunri.household import open_database
from bunri.precision_text import precision_lines
from bunri.settings import Settings
from db.errors import DatabaseError
from db.precision import ClassPrecision
from db.queries import Statistics
from db.reports import Report


@click.command("stats")
@click.option("--days", type=click.IntRange(1, 3_650), default=30, show_default=True, help="how far back")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
@click.option("--reports", is_flag=True, help="also what residents reported, in their own words")
def command(days: int, as_json: bool, reports: bool) -> None:
    """Say how many questions there were, of what, how often right, how fast."""
    try:
        figures, told, precision = asyncio.run(_read(read_settings(), days, reports))
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        found = asdict(figures) | {
            "since": figures.since.isoformat(),
            "share_right": figures.share_right,
            "precision": [each.plain() for each in precision],
        }
        if reports:
            found["reports"] = [
                {"id": each.id, "at": each.at.isoformat(), "platform": each.platform, "text": each.text}
                for each in told
            ]
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo("\n".join([*_lines(figures, days), *precision_lines(precision)]))
    for each in told:
        click.echo(f"report {each.id}, {each.at:%Y-%m-%d %H:%M} UTC, {each.platform}: {each.text or '(unreadable)'}")


async def _read(
    settings: Settings, days: int, reports: bool
) -> tuple[Statistics, list[Report], tuple[ClassPrecision, ...]]:
    database = await open_database(settings)
    try:
        figures = await database.queries.statistics(datetime.now(UTC) - timedelta(days=days))
        told = await database.reports.all() if reports else []
        return figures, told, await database.labels.precision()
    finally:
        await database.close()


def _lines(figures: Statistics, days: int) -> list[str]:
    lines = [f"questions in the last {days} days: {figures.queries}"]
    for name, counts in (
        ("platform", figures.by_platform),
        ("kind", figures.by_kind),
        ("label", figures.by_label),
        ("decision", figures.by_decision),
    ):
        if counts:
            lines.append(f"by {name}: " + ", ".join(f"{each} {count}" for each, count in counts.items()))
    if figures.share_right is not None:
        lines.append(f"right, of {figures.judged} that residents judged: {figures.share_right:.1%}")
    if figures.latency_median_ms is not None and figures.latency_p95_ms is not None:
        lines.append(
            f"milliseconds to an answer: median {figures.latency_median_ms:.0f}, p95 {figures.latency_p95_ms:.0f}"
        )
    return lines
