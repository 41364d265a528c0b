"""``bunri evaluate gan``: the figures of a generator, its model card and its contact sheet."""

import json
import shlex
from contextlib import ExitStack
from pathlib import Path

import click

from bunri.extras import needs_extra
from bunri.failures import read_settings, told_in_one_line
from bunri.wiring import open_local_classifier
from inference.generation import open_generator
from inference.generator_manifest import load_generator_manifest
from inference.manifest import model_names

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
@click.option(
    "--truncation",
    type=click.FloatRange(0, 1, min_open=True),
    help="of latents; the setting when unset; --card keeps it",
)
@click.option("--compare", is_flag=True, help="also without a choice among candidates, and at another truncation")
@click.option("--baseline", type=_FOLDER, help="a run of the baseline (`bunri train gan vanilla64`) to compare with")
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
    truncation: float | None,
    compare: bool,
    baseline: Path | None,
    pairs: Path | None,
    card: bool,
    wants_json: bool,
) -> None:
    """Measure a generator as it is served, against the test part of the split."""
    try:
        from training.data_recipe import DataError
        from training.gan.comparison import compare_generator
        from training.gan.evaluation import closest_pairs, contact_sheet, save_sheet
        from training.gan.model_card import generator_card
        from training.gan.pack import write_generator_manifest
        from training.gan.start import reals_of
        from training.gan.vanilla_run import recipe_of
    except ModuleNotFoundError as error:
        raise click.ClickException(needs_extra(f"{error.name} is missing", "train")) from error
    settings = read_settings().inference
    with told_in_one_line(), ExitStack() as opened:
        found = load_generator_manifest(settings.weights, name)
        if found is None:
            raise click.ClickException(f"{settings.weights} holds no generator")
        manifest, folder = found
        alone = settings.model_copy(update={"decode_workers": 1})
        classifier = open_local_classifier(alone)
        opened.callback(classifier.close)
        judges = {"product": classifier}
        for other in model_names(settings.weights):
            if other != classifier.manifest.name:
                judges[other] = open_local_classifier(alone.model_copy(update={"model": other}))
                opened.callback(judges[other].close)
        generator = open_generator(
            settings.weights,
            classifier,
            settings.backend,
            name=name,
            candidates=candidates or settings.candidates,
            truncation=truncation or settings.truncation,
        )
        assert generator is not None
        try:
            beside = recipe_of(baseline).name if baseline else ""
            real = reals_of(split_file, root, cache, manifest.side)
            result = compare_generator(
                generator,
                real,
                judges,
                per_label=per_label,
                variants=compare,
                baseline=baseline,
                report=lambda line: click.echo(line, err=True),
            )
        except DataError as error:
            raise click.ClickException(str(error)) from error
    if pairs is not None:
        save_sheet(closest_pairs(result.served, real.train), pairs)
    if card:
        words = ["bunri", "evaluate", "gan", "--data", "DATA", "--split", split_file.as_posix()]
        words += ["--name", manifest.name, "--per-label", str(per_label), "--candidates", str(generator.candidates)]
        words += ["--truncation", f"{generator.truncation:g}"]
        words += ["--compare"] if compare else []
        words += ["--baseline", baseline.as_posix()] if baseline else []
        measured = manifest.model_copy(update={"figures": result.figures, "truncation": generator.truncation})
        write_generator_manifest(folder, measured)
        (folder / "MODEL_CARD.md").write_text(generator_card(measured, shlex.join(words), beside), "utf-8")
        save_sheet(contact_sheet(result.served.made, 10), folder / "contact.jpg")
        if result.baseline is not None:
            save_sheet(contact_sheet(result.baseline.made, 10), folder / "baseline.jpg")
    if wants_json:
        click.echo(json.dumps(result.figures, indent=2))
    else:
        click.echo("\n".join(f"{key:<44}{value:>10.4f}" for key, value in result.figures.items()))
