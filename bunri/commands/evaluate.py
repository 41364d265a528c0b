"""``bunri evaluate``: score the model on photos whose truth is known."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import click

from bunri.extras import needs_extra
from bunri.failures import read_settings, told_in_one_line
from bunri.known_photos import SCORED_PARTS, photos_of_choice
from bunri.photo_files import shown
from bunri.wiring import open_local_classifier
from training.evaluate import About, Evaluation, evaluate
from training.evaluation_json import as_json
from training.evaluation_text import as_text
from training.labelled_photos import LabelledPhotos
from training.scored_photos import Predict, predict_with, score_photos

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class _OrGan(click.Command):
    """``bunri evaluate gan`` is a command of its own; a folder of that name is written ``./gan``."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == ["gan"]:
            from bunri.commands.evaluate_gan import command as evaluate_gan

            return evaluate_gan.make_context(f"{info_name} gan", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)


@click.command("evaluate", cls=_OrGan)
@click.argument("folder", metavar="[DIR]", type=_FOLDER, required=False)
@click.option("--map", "mapping_file", type=_FILE, help="YAML or TOML: folder -> label, labels, not_waste, skip")
@click.option("--split", "split_file", type=_FILE, help="score a part of this split file instead of DIR")
@click.option("--part", type=click.Choice(SCORED_PARTS), help="the part; test when not given")
@click.option("--root", type=_FOLDER, help="what the paths in the split file are relative to")
@click.option("--model", help="a folder in the weights; the setting when not given")
@click.option("--backend", type=click.Choice(["auto", "openvino", "torch"]), help="the setting when not given")
@click.option("--json", "wants_json", is_flag=True, help="one JSON document")
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    help="draw reliability, confusion and coverage into this folder (needs the extra [train])",
)
def command(
    folder: Path | None,
    mapping_file: Path | None,
    split_file: Path | None,
    part: str | None,
    root: Path | None,
    model: str | None,
    backend: str | None,
    wants_json: bool,
    pictures: Path | None,
) -> None:
    """Score the model on DIR/<label>/*.jpg, or with --split on a part of a split file.

    Folders: the twelve labels, glass (any of its three colours is right), nonwaste; others by --map. A photo
    that cannot be read is listed and not scored; the exit code is then 1.
    """
    chosen = {key: value for key, value in (("model", model), ("backend", backend)) if value is not None}
    # Photos are scored one after the other, so one stream may have all the threads.
    settings = read_settings().inference.model_copy(update={**chosen, "decode_workers": 1})
    photos, data = photos_of_choice(folder, mapping_file, split_file, part, root)
    if pictures is not None and importlib.util.find_spec("matplotlib") is None:
        raise click.ClickException(needs_extra("--pictures needs matplotlib", "train"))
    with told_in_one_line():
        classifier = open_local_classifier(settings)
    try:
        evaluation = _scored(photos, predict_with(classifier), settings.max_bytes)
        about = About(classifier.manifest.title, classifier.backend.name, data, photos.skipped_folders, photos.ignored)
    finally:
        classifier.close()
    if wants_json:
        text = json.dumps(as_json(evaluation, about), ensure_ascii=False, allow_nan=False, indent=2)
    else:
        text = as_text(evaluation, about)
    # Names of files and folders are part of it, and may hold what a terminal obeys.
    click.echo("\n".join(shown(line) for line in text.split("\n")))
    if pictures is not None:
        _draw(evaluation, pictures)
    if evaluation.unreadable:
        click.echo(f"{len(evaluation.unreadable)} of {len(photos.samples)} photos could not be read", err=True)
        raise SystemExit(1)


def _scored(photos: LabelledPhotos, predict: Predict, max_bytes: int) -> Evaluation:
    hidden = not sys.stderr.isatty()
    with click.progressbar(photos.samples, label="scoring", file=sys.stderr, hidden=hidden) as samples:
        return evaluate(*score_photos(samples, photos.root, predict, max_bytes=max_bytes))


def _draw(evaluation: Evaluation, folder: Path) -> None:
    if evaluation.waste is None:
        click.echo("no pictures: none of the photos scored shows waste", err=True)
        return
    # matplotlib takes most of a second to import, and is not installed beside the CPU default.
    from training.metric_plots import write_pictures

    try:
        written = write_pictures(evaluation.waste, folder)
    except OSError as error:
        raise click.ClickException(f"{folder}: the pictures cannot be written ({error.strerror})") from error
    click.echo(f"pictures: {', '.join(map(str, written))}", err=True)
