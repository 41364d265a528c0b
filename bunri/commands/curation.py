"""``bunri data curate``: which photos of an export somebody should look at again."""

from pathlib import Path

import click

from bunri.data_looks import scanned_photos, suspected_mislabels, told_what_to_mend

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_NEW_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("curate")
@click.argument("export", type=_FOLDER)
@click.option("-o", "--queue", type=_NEW_FILE, required=True, help="the table to write, for `bunri export --only`")
@click.option("--distance", type=click.IntRange(0, 64), default=6, show_default=True, help="bits between duplicates")
@click.option("--probe/--no-probe", default=True, show_default=True, help="look for wrong labels; takes longest")
@click.option(
    "--cache", type=click.Path(path_type=Path, file_okay=False), default=Path("cache") / "exports", show_default=True
)
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="of the probe's folds")
def curate_command(
    export: Path, queue: Path, distance: int, probe: bool, cache: Path, processes: int, seed: int
) -> None:
    """Look through an EXPORT folder for doubles, wrong labels, and photos that show too little.

    Persons and text are not looked for: no detector of them with free weights comes in a package.
    """
    with told_what_to_mend():
        from training.curation import curate, list_export, write_queue
        from training.photo import Photo

        listed = list_export(export)
        photos = [Photo(each.path, (each.label,) if each.label else (), "export") for each in listed]
        scanned, unreadable = scanned_photos(export, photos, processes)
        for one in unreadable:
            click.echo(f"unreadable: {one.photo.path}: {one.problem}", err=True)
        labelled = [one for one in scanned if one.photo.labels]
        found = suspected_mislabels(export, labelled, distance, seed, cache, None) if probe and labelled else None
        curation = curate(listed, scanned, found.suspects if found else (), distance)
        write_queue(queue, curation)
    for reason, count in curation.counts.items():
        if count:
            click.echo(f"{count:>6}  {reason}")
    if found and found.left_out:
        few = ", ".join(f"{label} ({count})" for label, count in found.left_out.items())
        click.echo(f"too few photos to judge the label of: {few}")
    short = ", ".join(f"{label} {count}" for label, count in curation.missing.items() if count)
    click.echo(f"short of 1,000 labelled photos: {short}" if short else "every label has 1,000 photos")
    click.echo(f"{len(curation.findings)} of {curation.photos} photos to look at: {queue}")
