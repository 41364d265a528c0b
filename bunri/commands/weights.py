"""``bunri weights``: the shipped models."""

import hashlib
import shlex
from collections.abc import Iterable
from pathlib import Path

import click

from bunri.commands.promotion import compare_command, history_command, promote_command, rollback_command
from bunri.extras import needs_extra
from bunri.failures import read_settings, told_in_one_line
from bunri.generator_check import check_generator
from bunri.weights_check import Finding, check_model
from inference.errors import WeightsError
from inference.generator_manifest import FOLDER as GENERATORS
from inference.generator_manifest import generator_names
from inference.manifest import default_model, load_manifest, model_names, write_index


@click.group("weights")
def command() -> None:
    """The model files in weights/."""


for each in (compare_command, promote_command, rollback_command, history_command):
    command.add_command(each)


@command.command("verify")
def verify() -> None:
    """Check every model: hashes, shapes, one test inference on each backend here, and their agreement."""
    weights = read_settings().inference.weights
    with told_in_one_line():
        default = default_model(weights)
    names = model_names(weights)
    if default not in names:
        raise click.ClickException(f"{weights / 'index.json'} names {default!r}, which is not there.")
    failures = 0
    for name in names:
        failures += _told_findings(f"{name} (default)" if name == default else name, check_model(weights, name))
    for name in generator_names(weights):
        failures += _told_findings(f"{GENERATORS}/{name}", check_generator(weights, name))
    if failures:
        raise click.ClickException(f"{failures} checks failed")


def _told_findings(title: str, findings: Iterable[Finding]) -> int:
    """Print them under their title; how many are bad."""
    click.echo(title)
    failures = 0
    try:
        for finding in findings:
            failures += not finding.good
            click.echo(f"  {'ok  ' if finding.good else 'FAIL'}  {finding.text}")
    except WeightsError as error:
        failures += 1
        click.echo(f"  FAIL  {error}")
    return failures


_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_SPLIT = click.Path(path_type=Path, dir_okay=False, exists=True)


def _near(path: Path) -> str:
    """The path as seen from here, without where somebody's disk is."""
    if path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return path.name if path.is_absolute() else str(path)


def _told(run: Path, split_file: Path, options: dict[str, object], int8_only: bool) -> str:
    """The command that was given, without where somebody's disk is."""
    words = ["bunri", "weights", "pack", _near(run), "--data", "DATA", "--split", _near(split_file)]
    words += [word for key, value in options.items() if value is not None for word in (f"--{key}", str(value))]
    return shlex.join([*words, *(["--int8-only"] if int8_only else [])])


@command.command("pack")
@click.argument("run", type=_FOLDER)
@click.option("--data", "root", type=_FOLDER, required=True, help="what the split's paths are relative to")
@click.option("--split", "split_file", type=_SPLIT, required=True)
@click.option("--name", help="folder in the weights; the run's name when unset")
@click.option("--version", required=True, help="shown beside every answer, e.g. 2026.11")
@click.option("--side", type=click.IntRange(32, 512), help="input side; the recipe's when unset")
@click.option("--int8-only", is_flag=True, help="keep the OpenVINO files alone, for a model not worth its fp16 size")
@click.option("--default", "make_default", is_flag=True, help="make it the model that answers")
def pack(
    run: Path,
    root: Path,
    split_file: Path,
    name: str | None,
    version: str,
    side: int | None,
    int8_only: bool,
    make_default: bool,
) -> None:
    """Turn a finished RUN into a folder of weights: fp16, int8, calibrated, measured, with a model card."""
    from training.data_recipe import DataError

    try:
        from training.measure import measure
        from training.model_card import model_card, overview, targets_table
        from training.pack import PackRequest, pack_run, write_manifest
        from training.split import read_split
    except ModuleNotFoundError as error:
        raise click.ClickException(needs_extra(f"{error.name} is missing", "train")) from error
    weights = read_settings().inference.weights
    name = name or run.name
    with told_in_one_line():
        try:
            request = PackRequest(
                run=run,
                root=root,
                split=read_split(split_file),
                split_sha256=hashlib.sha256(split_file.read_bytes()).hexdigest(),
                out=weights / name,
                version=version,
                command=_told(run, split_file, {"name": name, "version": version, "side": side}, int8_only),
                side=side,
                report=click.echo,
            )
            packed = pack_run(request)
            figures = measure(weights, name, split_file, root, click.echo)
        except DataError as error:
            raise click.ClickException(str(error)) from error
    files = packed.files
    if int8_only:
        (request.out / "model.safetensors").unlink()
        files = tuple(file for file in files if file.role == "openvino")
    measured = packed.model_copy(update={"figures": figures, "files": files})
    write_manifest(request.out, measured)
    again = (
        f"bunri evaluate --split {_near(split_file)} --root DATA --model {name} --part test   # and --part strangers"
    )
    (request.out / "MODEL_CARD.md").write_text(model_card(measured, again), "utf-8")
    if make_default:
        write_index(weights, classifier=name)
    manifests = [load_manifest(weights, each)[0] for each in model_names(weights)]
    (weights / "README.md").write_text(overview(manifests, default_model(weights)), "utf-8")
    click.echo(targets_table(measured))


@command.command("pack-generator")
@click.argument("run", type=_FOLDER)
@click.option("--split", "split_file", type=_SPLIT, required=True)
@click.option("--name", help="folder in weights/generators; the run's name when unset")
@click.option("--version", required=True, help="shown beside every picture, e.g. 2026.11")
@click.option("--default", "make_default", is_flag=True, help="make it the generator that makes pictures")
def pack_generator(run: Path, split_file: Path, name: str | None, version: str, make_default: bool) -> None:
    """Turn a RUN of `bunri train gan` into a folder of weights: fp16 for torch, OpenVINO for CPUs."""
    from training.data_recipe import DataError

    try:
        from training.gan.pack import pack_generator as pack_run
    except ModuleNotFoundError as error:
        raise click.ClickException(needs_extra(f"{error.name} is missing", "train")) from error
    weights = read_settings().inference.weights
    out = weights / GENERATORS / (name or run.name)
    words = ["bunri", "weights", "pack-generator", _near(run), "--split", _near(split_file), "--name", out.name]
    digest = hashlib.sha256(split_file.read_bytes()).hexdigest()
    with told_in_one_line():
        try:
            told = shlex.join([*words, "--version", version])
            manifest = pack_run(run, out, version=version, command=told, split_sha256=digest)
        except DataError as error:
            raise click.ClickException(str(error)) from error
        if make_default:
            write_index(weights, generator=out.name)
    click.echo(f"{manifest.title}: {sum(file.bytes for file in manifest.files) / 1e6:.1f} MB in {out}")
