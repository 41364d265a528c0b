"""The measures as PNG pictures: reliability, confusion, coverage. Needs matplotlib (extra [train]).

Import this module only where a picture is wanted. Figures are made without pyplot: no window system, no
global state, and nothing to close.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from inference.labels import LABELS
from training.evaluate import ACCURACY_GOAL, WasteScores
from training.plot_style import BLUE, DPI, INK, MUTED, ORANGE, style


def _percent_axes(axes: Axes, *which: str) -> None:
    for name in which:
        axis = axes.xaxis if name == "x" else axes.yaxis
        axis.set_major_formatter(PercentFormatter(xmax=1.0, decimals=0))


def reliability_figure(waste: WasteScores) -> Figure:
    """Accuracy by stated confidence above, photos by stated confidence below."""
    bins = waste.reliability
    figure = Figure(figsize=(6.0, 6.6), dpi=DPI, layout="constrained")
    accuracy_axes, count_axes = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    used = bins.count > 0
    left, width = bins.edges[:-1][used], np.diff(bins.edges)[used]
    accuracy, confidence = bins.accuracy[used], bins.confidence[used]
    accuracy_axes.bar(left, accuracy, width, align="edge", color=BLUE, edgecolor="white", label="accuracy")
    accuracy_axes.plot((0, 1), (0, 1), color=MUTED, linestyle="--", linewidth=1, label="as sure as right")
    accuracy_axes.scatter(confidence, confidence, color=ORANGE, s=18, zorder=3, label="mean confidence of the bin")
    accuracy_axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="share right")
    accuracy_axes.set_title(f"How far to trust the confidence: ECE {bins.ece:.1%}")
    # Outside of the axes, for the bars may reach any corner.
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    count_axes.bar(left, bins.count[used], width, align="edge", color=MUTED, edgecolor="white")
    count_axes.set(xlabel="confidence in the likeliest label", ylabel="photos")
    _percent_axes(accuracy_axes, "x", "y")
    for axes in (accuracy_axes, count_axes):
        axes.grid(axis="y")
    return figure


def confusion_figure(waste: WasteScores) -> Figure:
    """Counts by folder and predicted label; the shade is the share of the folder's photos."""
    counts = np.array([row.counts for row in waste.rows])
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    names = [f"{row.name} ({total:,})" for row, total in zip(waste.rows, counts.sum(axis=1), strict=True)]
    figure = Figure(figsize=(10.0, 2.2 + 0.48 * len(names)), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(LABELS)), [label.value for label in LABELS], rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="what the model called it", ylabel="what it is (photos)")
    axes.set_title(f"What is taken for what: {waste.accuracy.count:,} of {waste.accuracy.total:,} right")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for row, column in np.argwhere(counts > 0):
        is_right = LABELS[column].value in waste.rows[row].labels
        axes.text(
            column,
            row,
            f"{counts[row, column]:,}",
            ha="center",
            va="center",
            fontsize=9,
            fontweight="bold" if is_right else "normal",
            color="white" if shares[row, column] > 0.5 else INK,
        )
    # White lines between the cells, so that pale neighbours stay apart.
    axes.set_xticks(np.arange(len(LABELS) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.015, format=PercentFormatter(1.0, 0))
    bar.set_label("share of the row")
    bar.outline.set_visible(False)
    return figure


def coverage_figure(waste: WasteScores) -> Figure:
    """Accuracy on the surest photos by how many are answered, and where the thresholds put it."""
    curve, decisions = waste.curve, waste.decisions
    figure = Figure(figsize=(7.0, 5.2), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    axes.plot(curve.coverage, curve.accuracy, color=BLUE, linewidth=2, label="any confidence as threshold")
    axes.axhline(ACCURACY_GOAL, color=MUTED, linestyle="--", linewidth=1, label=f"{ACCURACY_GOAL:.0%} right")
    lowest = min(float(curve.accuracy.min()), ACCURACY_GOAL)
    answered, answered_right = decisions.answered.value, decisions.answered_right.value
    if answered is not None and answered_right is not None:
        lowest = min(lowest, answered_right)
        words = f"as decided: {answered:.1%} answered, {answered_right:.1%} of these right"
        axes.scatter([answered], [answered_right], color=ORANGE, s=45, zorder=3, clip_on=False, label=words)
    # Down to a round share below the curve, with as few ticks as can be told apart.
    step = 0.02 if lowest > 0.85 else 0.1
    floor = max(0.0, np.floor(lowest / step - 0.5) * step)
    axes.set(xlim=(0, 1), ylim=(floor, 1 + step / 10), xlabel="share of photos answered, surest first")
    axes.set_ylabel("share of these right")
    axes.yaxis.set_major_locator(MultipleLocator(step))
    axes.set_title(f"Answering only when sure: {waste.accuracy.value or 0:.1%} right when all are answered")
    figure.legend(loc="outside lower center", ncols=1, frameon=False)
    axes.grid()
    _percent_axes(axes, "x", "y")
    return figure


_FIGURES: Final[dict[str, Callable[[WasteScores], Figure]]] = {
    "reliability.png": reliability_figure,
    "confusion.png": confusion_figure,
    "coverage.png": coverage_figure,
}


def write_pictures(waste: WasteScores, folder: Path) -> list[Path]:
    """Draw every picture into a folder, which is made where it is missing; older pictures are replaced.

    Returns:
        The files written.

    Raises:
        OSError: the folder or a file cannot be written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with mpl.rc_context(style()), warnings.catch_warnings():
        # A folder's name in a script that no installed font has is drawn as boxes, without a word.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        for name, draw in _FIGURES.items():
            path = folder / name
            draw(waste).savefig(path)
            written.append(path)
    return written
