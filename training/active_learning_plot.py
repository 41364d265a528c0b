"""The curves of ``training.active_learning``, drawn."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.active_learning import Order, Point


def draw_curves(points: Sequence[Point], file: Path) -> None:
    """Mean over the seeds, and their spread (one standard deviation), by labelled photos; PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.8), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    for order in Order:
        counts = sorted({point.labelled for point in points if point.order is order})
        found = [
            np.array([point.macro_recall for point in points if point.order is order and point.labelled == count])
            for count in counts
        ]
        mean, spread = np.array([each.mean() for each in found]), np.array([each.std() for each in found])
        [line] = axes.plot(counts, mean, marker="o", label=order.value)
        axes.fill_between(counts, mean - spread, mean + spread, alpha=0.2, color=line.get_color())
    axes.set_xlabel("labelled photos")
    axes.set_ylabel("macro recall, photos never learned from")
    axes.legend()
    axes.grid(alpha=0.3)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file)
