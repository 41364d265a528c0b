"""``bunri data``: check a data set for faults, and split it into parts that train, tune and test."""

import json
import os
from pathlib import Path

import click

from bunri.commands.curation import curate_command
from bunri.commands.simulation import simulate_command
from bunri.data_looks import frozen_features_of, scanned_photos, suspected_mislabels, told_what_to_mend
from bunri.photo_files import shown
from training.data_recipe import list_photos, load_data_recipe

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_NEW_FOLDER = click.Path(file_okay=False, path_type=Path)

SEED = 20261123
"""Of the project's own split."""

VIEWS_NETWORK = "efficientnet_lite2"
"""Whose features ``DEFAULT_COSINE`` was chosen for."""

_processes_option = click.option(
    "--processes", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="all cores"
)
_threads_option = click.option("--threads", type=click.IntRange(1), help="torch threads; torch's choice if unset")
_cache_option = click.option("--cache", type=_NEW_FOLDER, default=Path("cache"), show_default=True)
_distance_option = click.option(
    "--distance",
    type=click.IntRange(0, 64),
    default=6,
    show_default=True,
    help="bits of 64 between near-duplicates",
)


@click.group("data")
def command() -> None:
    """Check and split a data set (needs the extra [train])."""


command.add_command(curate_command)
command.add_command(simulate_command)


@command.command("check")
@click.argument("root", metavar="DIR", type=_FOLDER)
@click.option("--recipe", help="DIR is the data root of this recipe; without it, DIR/<label>/* are the photos")
@_distance_option
@click.option("--json", "json_file", type=_NEW_FILE, help="write the whole report here")
@click.option("--pictures", type=_NEW_FOLDER, help="draw contact sheets into this folder")
@click.option("--probe/--no-probe", default=True, show_default=True, help="look for mislabels; takes longest")
@click.option("--seed", type=int, default=0, show_default=True, help="of the probe's folds")
@_cache_option
@_processes_option
@_threads_option
def check(
    root: Path,
    recipe: str | None,
    distance: int,
    json_file: Path | None,
    pictures: Path | None,
    probe: bool,
    seed: int,
    cache: Path,
    processes: int,
    threads: int | None,
) -> None:
    """Look for faults: unreadable, tiny, doubled, unbalanced, padded and mislabelled photos.

    Faults are what the command is there to find: the exit code is 0 with them too.
    """
    with told_what_to_mend():
        from training.check.class_folders import photos_by_class_folder
        from training.check.pictures import write_pictures
        from training.check.report import make_report
        from training.check.report_json import report_as_json
        from training.check.report_text import report_as_text

        if recipe is None:
            photos = photos_by_class_folder(root)
        else:
            photos = [p for listed in list_photos(root, load_data_recipe(recipe)).values() for p in listed]
        scanned, unreadable = scanned_photos(root, photos, processes)
        found = suspected_mislabels(root, scanned, distance, seed, cache, threads) if probe and scanned else None
        report = make_report(scanned, unreadable, distance, found)
        # Files' names are part of it, and may hold what a terminal obeys.
        click.echo("\n".join(shown(line) for line in report_as_text(report).split("\n")))
        if json_file is not None:
            json_file.write_text(json.dumps(report_as_json(report), ensure_ascii=False, indent=1) + "\n", "utf-8")
        if pictures is not None:
            for file in write_pictures(report, root, pictures):
                click.echo(f"picture: {file}", err=True)


@command.command("split")
@click.argument("recipe")
@click.option("--root", type=_FOLDER, required=True, help="the data root")
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True)
@_distance_option
@click.option(
    "--cosine",
    type=click.FloatRange(0, 1),
    default=0.88,
    show_default=True,
    help="of frozen features, from which photos are views of one object",
)
@click.option("--views/--no-views", default=True, show_default=True, help="keep views of one object together")
@click.option("-o", "--out", type=_NEW_FILE, required=True, help="the split file; FILE.json records the settings")
@_cache_option
@_processes_option
@_threads_option
def split(
    recipe: str,
    root: Path,
    seed: int,
    distance: int,
    cosine: float,
    views: bool,
    out: Path,
    cache: Path,
    processes: int,
    threads: int | None,
) -> None:
    """Split the photos of a data RECIPE 8:1:1, near-duplicates kept together.

    The same photos and settings give the same bytes; with --views, on the same kind of processor.
    """
    with told_what_to_mend():
        from training.near_duplicates import duplicate_groups
        from training.scan import hash_columns
        from training.split import make_split, part_counts, write_split
        from training.split_record import SplitSettings, readable_only, write_split_record

        by_role = list_photos(root, load_data_recipe(recipe))
        scanned, unreadable = scanned_photos(root, [p for listed in by_role.values() for p in listed], processes)
        for one in unreadable:
            click.echo(f"left out: {shown(one.photo.path)}: {one.problem}", err=True)
        photos = [one.photo for one in scanned]
        features = frozen_features_of(root, photos, VIEWS_NETWORK, cache, threads) if views and photos else None
        groups = duplicate_groups(*hash_columns(scanned), distance, features, cosine)
        group_of = {photo.path: int(group) for photo, group in zip(photos, groups, strict=True)}
        rows = make_split(readable_only(by_role, set(group_of)), group_of, seed)
        out.parent.mkdir(parents=True, exist_ok=True)
        write_split(out, rows)
        settings = SplitSettings(recipe, seed, distance, cosine if views else None)
        write_split_record(out, settings, rows, len(unreadable))
        for part, counts in part_counts(rows).items():
            told = ", ".join(f"{label} {count}" for label, count in counts.items())
            click.echo(f"{part}: {sum(counts.values())} photos ({told})")
