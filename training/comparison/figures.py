"""The report's PNG pictures: curves, confusion matrices, the explained failure. Needs matplotlib (extra [train])."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator, PercentFormatter

from training.comparison.architectures import Name
from training.comparison.run_folder import Run
from training.comparison.summary import Row, confusion
from training.plot_style import BLUE, INK, MUTED, ORANGE, style

_DPI: Final = 120
_GREEN: Final = "#1b7837"
_PURPLE: Final = "#762a83"
_PINK: Final = "#c51b7d"
_LINES: Final = (BLUE, ORANGE, _GREEN, _PURPLE, _PINK, MUTED, INK)


def curves_figure(name: Name, rows: Sequence[Row]) -> Figure:
    """Loss and accuracy by epoch of one architecture: a colour a setting; training dashed, validation solid."""
    figure = Figure(figsize=(10.0, 4.2), dpi=_DPI, layout="constrained")
    left, right = figure.subplots(1, 2)
    for place, row in enumerate(rows):
        colour = _LINES[place % len(_LINES)]
        for seed, result in enumerate(row.results):
            if not result.curves:
                continue
            epochs = [each.epoch for each in result.curves]
            label = row.setting.name if seed == 0 else None
            for axes, train, val in (
                (left, [each.train_loss for each in result.curves], [each.val_loss for each in result.curves]),
                (right, [each.train_accuracy for each in result.curves], [each.val_accuracy for each in result.curves]),
            ):
                axes.plot(epochs, train, color=colour, linestyle="--", linewidth=0.9, alpha=0.7)
                axes.plot(epochs, val, color=colour, linewidth=1.6, marker="o", markersize=2.5, label=label)
    left.set(xlabel="epoch", ylabel="loss (nats)")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.set_title(name)
    _share_axis(right, "accuracy")
    handles, labels = left.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure


def failure_figure(name: Name, rows: Sequence[Row]) -> Figure:
    """The rate above, the training loss in the middle, validation accuracy below: where learning stopped, and why."""
    figure = Figure(figsize=(7.0, 8.0), dpi=_DPI, layout="constrained")
    rates, losses, accuracies = figure.subplots(3, 1, sharex=True)
    for place, row in enumerate(rows):
        curves = row.results[0].curves
        if not curves:
            continue
        colour, epochs = _LINES[place % len(_LINES)], [each.epoch for each in curves]
        rates.plot(
            epochs, [each.lr for each in curves], color=colour, marker="o", markersize=2.5, label=row.setting.name
        )
        losses.plot(epochs, [each.train_loss for each in curves], color=colour, marker="o", markersize=2.5)
        accuracies.plot(epochs, [each.val_accuracy for each in curves], color=colour, marker="o", markersize=2.5)
        if row.setting.schedule.name == "step" and len(curves) > row.setting.schedule.step_epochs:
            losses.axvline(row.setting.schedule.step_epochs, color=colour, linestyle=":", linewidth=0.9)
    rates.set(ylabel="learning rate", yscale="log")
    # As plain numbers: powers would need the mathematical text that labels must not be read as.
    rates.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:g}"))
    rates.yaxis.set_minor_locator(NullLocator())
    rates.set_title(f"{name}: ours and the predecessor's")
    losses.set_ylabel("training loss (nats)")
    _share_axis(accuracies, "validation accuracy")
    handles, labels = rates.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    for axes in (rates, losses):
        axes.grid(axis="y")
    return figure


def _share_axis(axes: Axes, label: str) -> None:
    axes.set(xlabel="epoch", ylabel=label, ylim=(0, 1.02))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1.0, decimals=0))
    axes.grid(axis="y")


def confusion_figure(run: Run, row: Row) -> Figure:
    """Counts by label and predicted label over all seeds; the shade is the share of the row."""
    counts = confusion(run, row)
    names = [*run.labels, "none of these"] if counts[:, -1].any() else list(run.labels)
    counts = counts[:, : len(names)]
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    figure = Figure(figsize=(3.4 + 0.62 * len(names), 2.0 + 0.5 * len(run.labels)), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.set_yticks(range(len(run.labels)), run.labels)
    axes.set(xlabel="called", ylabel="is")
    axes.set_title(f"{row.architecture}, {row.setting.name}: {row.accuracy:.1%}")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for place, column in np.argwhere(counts > 0):
        colour = "white" if shares[place, column] > 0.5 else INK
        weight = "bold" if place == column else "normal"
        axes.text(column, place, counts[place, column], ha="center", va="center", color=colour, fontweight=weight)
    return figure


def write_figure(figure: Figure, file: Path) -> str:
    """Write a PNG, and its name as the report links it."""
    with mpl.rc_context(style()):
        figure.savefig(file)
    return file.name
