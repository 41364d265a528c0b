"""``bunri import FILE``: the labels that people gave exported photos."""

import asyncio
import json
from pathlib import Path
from typing import Final

import click

from bunri.admins import Action, NotAllowed, allow, read_people
from bunri.counted_progress import counted_progress
from bunri.failures import read_settings
from bunri.household import open_database
from bunri.photo_files import shown
from bunri.precision_text import precision_lines
from bunri.settings import Settings
from db.errors import DatabaseError
from db.importing.report import Report
from db.importing.run import Progress, import_labels
from db.importing.vote import Reason
from inference.labels import LABELS

_MOST_SHOWN: Final = 20

_WORDS: Final = {
    Reason.MALFORMED: "cannot be read",
    Reason.UNSAFE_PATH: "have a path that leads elsewhere",
    Reason.BAD_ID: "have no id of a photo",
    Reason.BAD_LABEL: "have a label that there is not",
    Reason.SEVERAL_LABELS: "have several labels",
    Reason.CONTRADICTION: "contradict another line of the same annotator",
    Reason.UNKNOWN_ITEM: "are of photos that are not kept, or no longer",
    Reason.FORGOTTEN: "are of photos whose resident wanted them deleted",
    Reason.NO_LABEL: "photos have no label",
    Reason.NOT_REVIEWED: "labels came back as they were exported, looked at by nobody",
}


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option("--actor", required=True, help="who imports: a name in BUNRI_ADMIN__PEOPLE")
@click.option("--reason", required=True, help="why; kept with the name")
@click.option("--dry-run", is_flag=True, help="say what would happen, and write nothing")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def command(file: Path, actor: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Take in labels: Label Studio's JSON, JSON_MIN or CSV, CVAT's XML or zip, a table item_id,label, class folders.

    What is wrong is refused line by line, and the rest is taken in; the exit code is then 1. The same file a second
    time changes nothing.
    """
    settings = read_settings()
    try:
        why = allow(actor, Action.IMPORT, reason, read_people(settings.admin.people))
    except NotAllowed as error:
        raise click.ClickException(str(error)) from error
    try:
        with counted_progress("labels", is_quiet=as_json) as progress:
            report = asyncio.run(_import(settings, file, actor, why, dry_run, progress))
    except DatabaseError as error:
        # Names of files are part of it, and may hold what a terminal obeys.
        raise click.ClickException(shown(str(error))) from error
    if as_json:
        click.echo(json.dumps(report.plain(), ensure_ascii=False))
    else:
        click.echo("\n".join(map(shown, _lines(report))))
    if any(reason is not Reason.FORGOTTEN for reason in report.refused):
        raise SystemExit(1)


async def _import(settings: Settings, file: Path, actor: str, reason: str, dry_run: bool, progress: Progress) -> Report:
    database = await open_database(settings)
    try:
        labels = tuple(str(each) for each in LABELS)
        return await import_labels(file, actor, reason, labels, database, is_dry_run=dry_run, progress=progress)
    finally:
        await database.close()


def _lines(report: Report) -> list[str]:
    would = "would be " if report.is_dry_run else ""
    lines = [
        f"{report.source}: {report.votes} labels; photos {would}labelled: {report.accepted}, "
        f"known before: {report.unchanged}, undecided: {report.tied}"
    ]
    if report.of_no_use:
        lines.append(
            f"of no use, as somebody found on the admin page: {report.of_no_use}; their labels count for nothing"
        )
    lines += [f"refused: {count} {_WORDS[reason]}" for reason, count in sorted(report.refused.items())]
    lines += [f"passed over: {count} {_WORDS[reason]}" for reason, count in sorted(report.passed.items())]
    lines += [f"  {each.place}: {each.reason} {each.found}".rstrip() for each in report.named[:_MOST_SHOWN]]
    if sum(report.refused.values()) > _MOST_SHOWN:
        lines.append("  ... and more; --json names up to 1,000")
    agreement = report.agreement
    if agreement.items and agreement.share_alike is not None:
        alpha = "none, there was one label only" if agreement.alpha is None else f"{agreement.alpha:.3f}"
        lines.append(
            f"several annotators on {agreement.items} photos: {agreement.share_alike:.1%} of pairs alike, "
            f"Krippendorff's alpha {alpha}"
        )
    return lines + precision_lines(report.precision)
