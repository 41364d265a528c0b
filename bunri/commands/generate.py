"""``bunri generate LABEL``: pictures of a label, made by AI, as files."""

import asyncio
import secrets
from pathlib import Path

import click

from bunri.failures import read_settings, told_in_one_line
from bunri.household import open_database
from bunri.settings import Settings
from bunri.wiring import open_inference
from db.errors import DatabaseError
from db.generated import Made
from guides import load_guides
from inference.answer import MadePicture
from inference.errors import GenerationUnavailable, HostsFailed, InferenceUnavailable
from inference.generation import MOST_AT_ONCE, SEEDS
from inference.labels import LABELS, Label


@click.command("generate")
@click.argument("label")
@click.option("-n", "--count", type=click.IntRange(1, MOST_AT_ONCE), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(0, SEEDS - 1), help="makes the same pictures again; a new one when unset")
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="folder; this one when unset"
)
def command(label: str, count: int, seed: int | None, out: Path) -> None:
    """Make pictures of LABEL, a label or one of its everyday names, and say where they are.

    They are noted in the database, so that a bot knows them again.
    """
    settings = read_settings()
    named = load_guides().label_named(label, settings.region)
    if named is None:
        raise click.BadParameter(f"write one of {', '.join(LABELS)}", param_hint="LABEL")
    chosen = secrets.randbelow(SEEDS) if seed is None else seed
    with told_in_one_line():
        try:
            made = asyncio.run(_made_and_noted(settings, Label(named), count, chosen))
        except GenerationUnavailable as error:
            raise click.ClickException(f"{error}: see weights/README.md, and BUNRI_INFERENCE__GENERATOR") from error
        except HostsFailed as error:
            raise click.ClickException(f"{error}: see the hosts' logs") from error
        except InferenceUnavailable as error:
            raise click.ClickException(f"{error}: `bunri doctor` asks each of BUNRI_INFERENCE__URLS") from error
    try:
        out.mkdir(parents=True, exist_ok=True)
        for picture in made:
            file = out / f"{picture.label.value}-{picture.seed}.png"
            file.write_bytes(picture.png)
            click.echo(file)
    except OSError as error:
        raise click.ClickException(f"{error.filename or out} cannot be written: {error.strerror}") from error


async def _made_and_noted(settings: Settings, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
    inference = await open_inference(settings.inference)
    try:
        made = await inference.generate(label, count, seed)
    finally:
        await inference.close()
    try:
        await _note(settings, made)
    except DatabaseError as error:
        # The files say themselves who made them; only a copy without its metadata would not be known again.
        click.echo(f"the pictures were not noted: {error}", err=True)
    return made


async def _note(settings: Settings, made: tuple[MadePicture, ...]) -> None:
    database = await open_database(settings)
    try:
        await database.generated.add([Made(each.label.value, each.seed, each.fingerprint) for each in made])
    finally:
        await database.close()
