"""``bunri evaluate gan``: the figures of a generator, its model card and its contact sheet."""

import json
import shlex
from pathlib import Path

import click

from bunri.failures import read_settings, told_in_one_line
from bunri.wiring import open_local_classifier
from inference.generation import open_generator
from inference.generator_manifest import load_generator_manifest

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("evaluate gan")
@click.option("--data", "root", type=_FOLDER, required=True, help="what the split's paths are relative to")
@click.option("--split", "split_file", type=_FILE, required=True)
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=Path("cache"), show_default=True)
@click.option("--name", help="a folder in weights/generators; the default generator when not given")
@click.option("--per-label", type=click.IntRange(10, 1_000), default=100, show_default=True)
@click.option(
    "--candidates", type=click.IntRange(1, 16), help="pictures made for each one kept; the setting when unset"
)
@click.option("--pairs", type=click.Path(path_type=Path, dir_okay=False), help="JPEG of the 24 nearest training photos")
@click.option("--card", is_flag=True, help="write the figures into the manifest, the model card and contact.jpg")
@click.option("--json", "wants_json", is_flag=True, help="one JSON object")
def command(
    root: Path,
    split_file: Path,
    cache: Path,
    name: str | None,
    per_label: int,
    candidates: int | None,
    pairs: Path | None,
    card: bool,
    wants_json: bool,
) -> None:
    """Measure a generator as it is served, against the test part of the split."""
    try:
        from training.data_recipe import DataError
        from training.gan.evaluation import closest_pairs, contact_sheet, evaluate_generator, save_sheet
        from training.gan.features import PictureFeatures
        from training.gan.model_card import generator_card
        from training.gan.pack import write_generator_manifest
        from training.gan.start import reals_of
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing: pip install 'bunri[train]'") from error
    settings = read_settings().inference
    with told_in_one_line():
        found = load_generator_manifest(settings.weights, name)
        if found is None:
            raise click.ClickException(f"{settings.weights} holds no generator")
        manifest, folder = found
        classifier = open_local_classifier(settings.model_copy(update={"decode_workers": 1}))
        generator = open_generator(
            settings.weights, classifier, settings.backend, name=name, candidates=candidates or settings.candidates
        )
        assert generator is not None
        try:
            real = reals_of(split_file, root, cache, manifest.side)
            result = evaluate_generator(
                generator,
                real,
                classifier,
                PictureFeatures(),
                per_label=per_label,
                report=lambda line: click.echo(line, err=True),
            )
        except DataError as error:
            raise click.ClickException(str(error)) from error
    if pairs is not None:
        save_sheet(closest_pairs(result, real.train), pairs)
    if card:
        words = [
            "bunri",
            "evaluate",
            "gan",
            "--data",
            "DATA",
            "--split",
            split_file.as_posix(),
            "--name",
            manifest.name,
        ]
        told = shlex.join([*words, "--per-label", str(per_label), "--candidates", str(generator.candidates)])
        measured = manifest.model_copy(update={"figures": result.figures})
        write_generator_manifest(folder, measured)
        (folder / "MODEL_CARD.md").write_text(generator_card(measured, told), "utf-8")
        save_sheet(contact_sheet(generator, 10), folder / "contact.jpg")
    if wants_json:
        click.echo(json.dumps(result.figures, indent=2))
    else:
        click.echo("\n".join(f"{key:<44}{value:>10.4f}" for key, value in result.figures.items()))
