"""``bunri bench``: the performance figures of this machine."""

import asyncio
import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from bunri.benchmark.host.command import measure_http
from bunri.benchmark.log import log_text, measure_log
from bunri.benchmark.photo import synthetic_photo
from bunri.benchmark.report import Figures, as_text, targets
from bunri.benchmark.run import measure
from bunri.benchmark.telegram import BotFailed
from bunri.failures import read_settings, told_in_one_line
from db.errors import DatabaseError
from inference.errors import DecodeError


@click.command("bench")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
@click.option(
    "--photo",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="measure with this photo instead of a synthetic one",
)
@click.option("--rounds", type=click.IntRange(10), default=200, show_default=True, help="times each action")
@click.option("--http", "of_host", is_flag=True, help="the inference host instead, beside LitServe and Ray Serve")
@click.option("--seconds", type=click.FloatRange(0.5), default=10.0, show_default=True, help="a measurement of --http")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="write what --http measured as Markdown")
@click.option("--notes", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="that end the page")
@click.option("--log-rows", type=click.IntRange(1), help="measure only the log, filled with so many invented rows")
@click.option("--log-url", help="an empty database for that; a SQLite file that is thrown away when not given")
def command(
    as_json: bool,
    photo: Path | None,
    rounds: int,
    of_host: bool,
    seconds: float,
    page: Path | None,
    notes: Path | None,
    log_rows: int | None,
    log_url: str | None,
) -> None:
    """Measure this machine: latency, throughput, start-up, memory and the Telegram bot, each beside its target.

    A missed target does not change the exit code: the figures depend on what else the machine is doing.
    """
    if log_url is not None and log_rows is None:
        raise click.UsageError("--log-url belongs to --log-rows")
    if log_rows is not None:
        _measure_log(log_rows, log_url, as_json)
        return
    settings = read_settings().inference
    if of_host:
        photos = [photo.read_bytes()] if photo else [synthetic_photo(seed) for seed in range(_PHOTOS)]
        measure_http(settings, photos, seconds, as_json=as_json, page=page, notes=notes)
        return
    content = photo.read_bytes() if photo else synthetic_photo()
    try:
        with told_in_one_line():
            figures = asyncio.run(measure(settings, content, rounds))
    except DecodeError as error:
        raise click.ClickException(f"{photo} cannot be measured with: {error}") from error
    except subprocess.CalledProcessError as error:
        raise click.ClickException(f"a measured process failed with exit code {error.returncode}") from error
    except BotFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(_as_json(figures) if as_json else as_text(figures))


_PHOTOS: Final = 16


def _as_json(figures: Figures) -> str:
    held = [{**asdict(target), "met": target.met} for target in targets(figures)]
    return json.dumps({**asdict(figures), "targets": held}, ensure_ascii=False, indent=2)


def _measure_log(rows: int, url: str | None, as_json: bool) -> None:
    try:
        figures = asyncio.run(measure_log(rows, url))
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(asdict(figures), ensure_ascii=False, indent=2) if as_json else log_text(figures))
