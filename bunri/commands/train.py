"""``bunri train``: train a model from a recipe, in a folder that a stopped run goes on from."""

from pathlib import Path

import click

from bunri.commands import train_compare
from bunri.extras import needs_extra
from bunri.settings import PROJECT_ROOT


@click.group("train")
def command() -> None:
    """Train a model from a recipe (needs the extra [train])."""


command.add_command(train_compare.command)


@command.command("classifier")
@click.argument("recipe")
@click.option("--data", "root", type=click.Path(path_type=Path, file_okay=False, exists=True), required=True)
@click.option("--split", "split_file", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=True)
@click.option(
    "--export",
    "exports",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    multiple=True,
    help="a folder of `bunri export`, of which people labelled photos; may be given again",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="run folder; runs/NAME when unset")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=Path("cache"), show_default=True)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda")
@click.option("--threads", type=click.IntRange(1), default=None, help="torch threads")
@click.option("--workers", type=click.IntRange(0), default=0, show_default=True, help="loader processes")
@click.option("--fresh", is_flag=True, help="start over even where a checkpoint exists")
def classifier(
    recipe: str,
    root: Path,
    split_file: Path,
    exports: tuple[Path, ...],
    out: Path | None,
    cache: Path,
    device: str,
    threads: int | None,
    workers: int,
    fresh: bool,
) -> None:
    """Train a classifier from RECIPE (a shipped recipe's name or a YAML file)."""
    from training.data_recipe import DataError

    try:
        import torch

        from training.classifier_recipe import load_classifier_recipe
        from training.classifier_run import RunSettings, train_classifier
        from training.exported_photos import apart_from, read_export
        from training.pixel_cache import open_pixel_cache
        from training.run_data import record_data
        from training.scan import Scanned, scan
        from training.split import Part, read_split
    except ModuleNotFoundError as error:
        raise click.ClickException(needs_extra(f"{error.name} is missing", "train")) from error
    if threads:
        torch.set_num_threads(threads)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        loaded = load_classifier_recipe(recipe)
        rows = read_split(split_file)
        held_out = [row.photo for row in rows if row.part in (Part.VAL, Part.TEST, Part.STRANGERS)]
        read = [read_export(each) for each in exports]
        looks = [one for one in scan(root, held_out, 2) if isinstance(one, Scanned)] if read else []
        used = [apart_from(each, looks) for each in read]
        for each in used:
            reasons = ", ".join(f"{count} {reason}" for reason, count in each.left_out.items())
            click.echo(f"{each.folder.name}: {len(each.photos)} photos" + (f"; left out: {reasons}" if reasons else ""))
        added = [photo for each in used for photo in each.photos]
        photos = [*(row.photo for row in rows if row.part in (Part.TRAIN, Part.VAL)), *added]
        # What is made of residents' photos lies apart, so that it can be deleted with their export.
        pixels = open_pixel_cache(cache / "exports" if exports else cache, root, photos, longer_side=288)
        unreadable = [photo.path for photo in photos if photo.path not in pixels]
        if unreadable:
            click.echo(
                f"{len(unreadable)} photos are unreadable and left out: {', '.join(unreadable[:5])} ...",
                err=True,
            )
        parts = {
            part: [row.photo for row in rows if row.part is part and row.photo.path in pixels]
            for part in (Part.TRAIN, Part.VAL)
        }
        parts[Part.TRAIN] += [photo for photo in added if photo.path in pixels]
        settings = RunSettings(out or Path("runs") / loaded.name, device, workers, resume=not fresh, report=click.echo)
        record_data(settings.folder, split_file, used, resume=not fresh)
        best = train_classifier(loaded, parts[Part.TRAIN], parts[Part.VAL], pixels, settings)
    except DataError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"best weights: {best}")


@command.command("gan")
@click.argument("recipe")
@click.option("--data", "root", type=click.Path(path_type=Path, file_okay=False, exists=True), required=True)
@click.option("--split", "split_file", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="run folder; runs/NAME when unset")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=Path("cache"), show_default=True)
@click.option("--weights", type=click.Path(path_type=Path, file_okay=False), default=PROJECT_ROOT / "weights")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda")
@click.option("--threads", type=click.IntRange(1), default=None, help="torch threads")
@click.option("--measure-kimg", type=click.FloatRange(0, min_open=True), default=10.0, show_default=True)
@click.option("--fresh", is_flag=True, help="start over even where a checkpoint exists")
def gan(
    recipe: str,
    root: Path,
    split_file: Path,
    out: Path | None,
    cache: Path,
    weights: Path,
    device: str,
    threads: int | None,
    measure_kimg: float,
    fresh: bool,
) -> None:
    """Train a generator of pictures from RECIPE (a shipped recipe's name or a YAML file)."""
    from training.data_recipe import DataError

    try:
        import torch

        from training.gan.recipe import load_gan_recipe
        from training.gan.start import GanPlaces, start_gan
    except ModuleNotFoundError as error:
        raise click.ClickException(needs_extra(f"{error.name} is missing", "train")) from error
    if threads:
        torch.set_num_threads(threads)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        loaded = load_gan_recipe(recipe)
        places = GanPlaces(root, split_file, cache, weights, out or Path("runs") / loaded.name)
        best = start_gan(loaded, places, device, measure_kimg=measure_kimg, resume=not fresh, report=click.echo)
    except DataError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"best weights: {best}")


@command.command("average")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--share", "shares", type=float, multiple=True, help="one for each run; equal when unset")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="the new run folder")
def average(runs: tuple[Path, ...], shares: tuple[float, ...], out: Path) -> None:
    """Average the weights of RUNS that began from the same weights into a new run."""
    from training.data_recipe import DataError
    from training.weight_average import average_runs

    try:
        click.echo(average_runs(runs, shares or tuple(1.0 for _ in runs), out))
    except DataError as error:
        raise click.ClickException(str(error)) from error
