"""``bunri bench --http``: measure, print, and write the page."""

import asyncio
import datetime
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from bunri.benchmark.host.figures import HostFigures, host_targets
from bunri.benchmark.host.page import write_page
from bunri.benchmark.host.run import measure_host
from bunri.benchmark.host.server_process import ServerFailed
from bunri.benchmark.report import target_line
from bunri.benchmark.run import described_machine
from bunri.failures import told_in_one_line
from bunri.settings import InferenceSettings
from inference.manifest import load_manifest


def measure_http(
    settings: InferenceSettings,
    photos: Sequence[bytes],
    seconds: float,
    *,
    as_json: bool,
    page: Path | None,
    notes: Path | None,
) -> None:
    """Do all of it; progress goes to stderr.

    Raises:
        click.ClickException: a server did not come up, or the model cannot be loaded.

    """
    machine = described_machine()
    try:
        with told_in_one_line():
            model = load_manifest(settings.weights, settings.model)[0].title
            figures = asyncio.run(measure_host(settings, photos, seconds, _say))
    except ServerFailed as error:
        raise click.ClickException(f"a server did not come up: {error}") from error
    click.echo(_as_json(figures, machine) if as_json else _as_text(figures, machine, model))
    if page:
        write_page(
            page,
            figures,
            machine=", ".join(f"{name} {value}" for name, value in machine.items()),
            model=model,
            command=" ".join(["bunri", *sys.argv[1:]]),
            date=datetime.datetime.now(datetime.UTC).date().isoformat(),
            notes=notes.read_text("utf-8") if notes else "",
        )


def _as_text(figures: HostFigures, machine: dict[str, str | int | float], model: str) -> str:
    rates = {"Bunri": figures.peak, **figures.peers, "the processor's bound": figures.bound.photos_per_second}
    return "\n".join(
        [
            ", ".join(f"{name} {value}" for name, value in machine.items()),
            f"model {model}",
            "",
            *(f"{name:<42}{'-' if rate is None else f'{rate:.1f}':>8} photos/s" for name, rate in rates.items()),
            "",
            *map(target_line, host_targets(figures)),
        ]
    )


def _as_json(figures: HostFigures, machine: dict[str, str | int | float]) -> str:
    held = [{**asdict(target), "met": target.met} for target in host_targets(figures)]
    return json.dumps({"machine": machine, **asdict(figures), "targets": held}, ensure_ascii=False, indent=2)


def _say(text: str) -> None:
    click.echo(f"measuring: {text}", err=True)
