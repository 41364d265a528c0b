"""``bunri export DIR``: kept photos, for the people who label them."""

import asyncio
import csv
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from bots.platforms import Platform
from bunri import __version__
from bunri.admins import Action, NotAllowed, allow, read_people
from bunri.counted_progress import counted_progress
from bunri.failures import read_settings
from bunri.household import open_database, vault_of
from bunri.photo_look import ALIKE, look
from bunri.settings import Settings
from db.errors import DatabaseError
from db.exporting.formats import FORMATS
from db.exporting.refresh import Refreshed, refresh
from db.exporting.request import MOST_ITEMS, ExportRequest
from db.exporting.run import Progress, Report, Surroundings, export
from inference.labels import LABELS

_QUEUE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NAMED: Final = 10
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--actor", required=True, help="who exports: a name in BUNRI_ADMIN__PEOPLE")
@click.option("--reason", required=True, help="why; kept with the name")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default=next(iter(FORMATS)), show_default=True)
@click.option("--since", type=_DAY, help="kept on this day (UTC) or later")
@click.option("--until", type=_DAY, help="kept before this day (UTC)")
@click.option("--label", "labels", multiple=True, type=click.Choice([str(each) for each in LABELS]), help="repeatable")
@click.option(
    "--platform", "platforms", multiple=True, type=click.Choice([each.value for each in Platform]), help="repeatable"
)
@click.option("--language", "languages", multiple=True, type=click.Choice(["ko", "en"]), help="repeatable")
@click.option("--most-margin", type=click.FloatRange(0, 1), help="the likeliest label was ahead by this or less")
@click.option("--disagreement", is_flag=True, help="the resident said something else than the model")
@click.option("--unlabelled", is_flag=True, help="nobody has labelled them yet")
@click.option("--only", "queue", type=_QUEUE, help="a table with the column item_id, as `bunri data curate` writes it")
@click.option("--limit", type=click.IntRange(1), help="photos at most")
@click.option("--random-share", type=click.FloatRange(0, 1), default=0.15, show_default=True, help="drawn at random")
@click.option("--diverse", is_flag=True, help="leave out what looks nearly like one before it")
@click.option("--seed", type=int, default=0, show_default=True, help="of the random share")
@click.option("--image-root", default="", help="DIR as Label Studio's document root sees it; its name when not given")
@click.option("--refresh", "wants_refresh", is_flag=True, help="take out of a finished DIR what is no longer kept")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def command(
    folder: Path,
    actor: str,
    reason: str,
    form: str,
    since: datetime | None,
    until: datetime | None,
    labels: tuple[str, ...],
    platforms: tuple[str, ...],
    languages: tuple[str, ...],
    most_margin: float | None,
    disagreement: bool,
    unlabelled: bool,
    queue: Path | None,
    limit: int | None,
    random_share: float,
    diverse: bool,
    seed: int,
    image_root: str,
    wants_refresh: bool,
    as_json: bool,
) -> None:
    """Write kept photos into DIR, the most useful first, with what is known of them.

    Give the same command again after it was interrupted: it goes on. Who exports, when, why and what is kept in the
    database before anything is written.

    With --refresh, DIR is a finished export: photos whose residents want them deleted, and others that are no longer
    kept, go out of its folder, its tables and its manifest.
    """
    settings = read_settings()
    try:
        why = allow(actor, Action.EXPORT, reason, read_people(settings.admin.people))
    except NotAllowed as error:
        raise click.ClickException(str(error)) from error
    if wants_refresh:
        _refuse_other_options()
        _tell_refreshed(settings, folder, actor, why, as_json)
        return
    items = () if queue is None else _queued(queue)
    if queue is not None and not items:
        _tell_nothing(queue, as_json)
        return
    request = ExportRequest(
        since=_in_utc(since),
        until=_in_utc(until),
        labels=labels,
        platforms=platforms,
        languages=languages,
        most_margin=most_margin,
        disagreement=disagreement,
        unlabelled=unlabelled,
        items=items,
        limit=limit,
        random_share=random_share,
        diverse=diverse,
        seed=seed,
        with_discord=bool(settings.discord.image_permission.strip()),
        format=form,
        image_root=image_root,
    )
    try:
        with counted_progress("photos", is_quiet=as_json) as progress:
            report = asyncio.run(_export(settings, folder, request, actor, why, progress))
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False))
        return
    click.echo("\n".join(_lines(report, folder)))


_REFRESHING: Final = frozenset({"folder", "actor", "reason", "wants_refresh", "as_json"})


def _refuse_other_options() -> None:
    context = click.get_current_context()
    given = [
        parameter.opts[-1]
        for parameter in context.command.params
        if parameter.name not in _REFRESHING
        and context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(f"--refresh takes what was exported as it is, without {', '.join(given)}")


def _tell_refreshed(settings: Settings, folder: Path, actor: str, reason: str, as_json: bool) -> None:
    async def run() -> Refreshed:
        database = await open_database(settings)
        try:
            permitted = bool(settings.discord.image_permission.strip())
            return await refresh(folder, actor, reason, database, with_discord=permitted)
        finally:
            await database.close()

    try:
        done = asyncio.run(run())
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(f"{folder}: {done.removed} photos taken out, {done.files} files deleted, {done.photos} photos are left")
    if done.missing:
        click.echo(
            f"{len(done.missing)} photos taken out had no file in {folder} (deleted before, moved out, or renamed): "
            f"look for copies of {', '.join(done.missing[:_NAMED])}{' ...' if len(done.missing) > _NAMED else ''}",
            err=True,
        )
    click.echo(f"export {done.export_id}, manifest {done.manifest_sha256}")


def _tell_nothing(queue: Path, as_json: bool) -> None:
    """An empty queue is a good end of a second look, and no failure. No folder is made, and nothing leaves."""
    if as_json:
        nothing: dict[str, object] = {
            "export_id": None,
            "counts": {"matching": 0, "photos": 0},
            "manifest_sha256": None,
            "unreadable": [],
        }
        click.echo(json.dumps(nothing))
    else:
        click.echo(f"{queue}: nothing to look at, no photo is named in it; nothing was exported")


async def _export(
    settings: Settings, folder: Path, request: ExportRequest, actor: str, reason: str, progress: Progress
) -> Report:
    database = await open_database(settings)
    try:
        around = Surroundings(
            database,
            vault_of(settings, database),
            look,
            ALIKE,
            tuple(str(each) for each in LABELS),
            f"Bunri {__version__}",
        )
        return await export(folder, request, actor, reason, around, progress)
    finally:
        await database.close()


def _queued(file: Path) -> tuple[str, ...]:
    """The ids of a table, each once; none where there is its head alone.

    Raises:
        click.ClickException: it has too many, or is no such table.

    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if "item_id" not in (reader.fieldnames or ()):
                raise click.ClickException(f"{file}: line 1 must name the column item_id")
            found = dict.fromkeys(row["item_id"] for row in reader if row["item_id"])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{file}: not a readable table ({error})") from error
    if len(found) > MOST_ITEMS:
        raise click.ClickException(f"{file}: {len(found):,} photos; {MOST_ITEMS:,} at most in one export")
    return tuple(found)


def _in_utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


def _lines(report: Report, folder: Path) -> list[str]:
    counts = report.counts
    lines = [
        f"{folder}: {counts['photos']} photos of {counts['matching']} that match, {counts['random']} drawn at random, "
        f"{counts['near_duplicates']} nearly like another"
    ]
    if counts["by_label"]:
        lines.append("label known: " + ", ".join(f"{label} {count}" for label, count in counts["by_label"].items()))
    for why, told in (
        ("gone", "deleted before they were written"),
        ("unreadable", "that cannot be read"),
        ("looks_alike", "left out: nearly like one before them"),
    ):
        if counts.get(why):
            lines.append(f"{counts[why]} photos {told}")
    if report.unreadable:
        lines.append(f"unreadable: {', '.join(report.unreadable)}")
    return [*lines, f"export {report.export_id}, manifest {report.manifest_sha256}"]
