"""``bunri data simulate``: whether our order of labelling teaches faster than chance."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bunri.data_looks import PROBE_NETWORK, frozen_features_of
from bunri.extras import needs_extra
from bunri.failures import told_in_one_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from training.photo import Photo

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command("simulate")
@click.option("--data", "root", type=_FOLDER, required=True, help="what the split's paths are relative to")
@click.option("--split", "split_file", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=True)
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=Path("cache"), show_default=True)
@click.option("--seeds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--reports", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="of the wrong answers")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="draw the curves as PNG")
@click.option("--json", "wants_json", is_flag=True, help="one JSON document")
def simulate_command(
    root: Path, split_file: Path, cache: Path, seeds: int, reports: float, plot: Path | None, wants_json: bool
) -> None:
    """Grow the training part from a tenth, by chance and by the order of `bunri export`, and measure both."""
    from training.data_recipe import DataError

    try:
        from training.active_learning import Order, gains, simulate
        from training.active_learning_plot import draw_curves
        from training.learning_pools import pools_of_split
    except ModuleNotFoundError as error:
        raise click.ClickException(needs_extra(f"{error.name} is missing", "train")) from error

    def features_of(photos: Sequence["Photo"]) -> "NDArray[np.float32]":
        return frozen_features_of(root, photos, PROBE_NETWORK, cache, threads=None)

    with told_in_one_line():
        try:
            pool, held_out = pools_of_split(split_file, features_of)
        except DataError as error:
            raise click.ClickException(str(error)) from error
    points = simulate(pool, held_out, range(seeds), reports=reports, report=lambda text: click.echo(text, err=True))
    found = gains(points)
    if plot:
        draw_curves(points, plot)
    if wants_json:
        rows = [
            {"order": each.order, "seed": each.seed, "labelled": each.labelled, "macro_recall": each.macro_recall}
            for each in points
        ]
        click.echo(json.dumps({"pool": len(pool.labels), "held_out": len(held_out.labels), "points": rows}))
        return
    click.echo(f"{len(pool.labels)} photos to choose from, {len(held_out.labels)} to measure on, {seeds} seeds")
    click.echo("labelled   random     ours   gain (least to most of the seeds)")
    for count, gain in found.items():
        means = [
            sum(point.macro_recall for point in points if point.order is order and point.labelled == count) / seeds
            for order in Order
        ]
        click.echo(
            f"{count:>8} {100 * means[0]:>7.1f}% {100 * means[1]:>7.1f}%   {100 * gain.mean():+.1f} "
            f"({100 * gain.min():+.1f} to {100 * gain.max():+.1f})"
        )
