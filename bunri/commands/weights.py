"""``bunri weights``: the shipped models."""

import click

from bunri.failures import read_settings, told_in_one_line
from bunri.weights_check import check_model
from inference.errors import WeightsError
from inference.manifest import default_model, model_names


@click.group("weights")
def command() -> None:
    """The model files in weights/."""


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
        click.echo(f"{name} (default)" if name == default else name)
        try:
            for finding in check_model(weights, name):
                failures += not finding.good
                click.echo(f"  {'ok  ' if finding.good else 'FAIL'}  {finding.text}")
        except WeightsError as error:
            failures += 1
            click.echo(f"  FAIL  {error}")
    if failures:
        raise click.ClickException(f"{failures} checks failed")
