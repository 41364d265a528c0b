"""Latency against load, drawn."""

from pathlib import Path

from bunri.benchmark.host.figures import HostFigures


def draw_latency(figures: HostFigures, file: Path) -> None:
    """p50 and p99 by share of the peak, as PNG; needs matplotlib."""
    from matplotlib.figure import Figure

    shares = [100 * share for share in figures.by_load]
    figure = Figure(figsize=(6.4, 3.6), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    for name, values in (
        ("p99", [each.p99_ms for each in figures.by_load.values()]),
        ("p50", [each.p50_ms for each in figures.by_load.values()]),
    ):
        axes.plot(shares, values, marker="o", label=name)
    axes.axhline(figures.alone.p50_ms, linestyle=":", color="grey", label="p50 alone")
    axes.set_xlabel(f"load, % of the peak of {figures.peak:.0f} photos/s")
    axes.set_ylabel("photo to answer, ms")
    axes.set_yscale("log")
    axes.legend()
    axes.grid(alpha=0.3, which="both")
    figure.savefig(file)
