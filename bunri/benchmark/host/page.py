"""The run's figures as docs/performance.md."""

from collections.abc import Mapping
from pathlib import Path

from bunri.benchmark.host.figures import LITSERVE_SHARED, RAY_SHARED, HostFigures, host_targets
from bunri.benchmark.host.load_plot import draw_latency
from bunri.benchmark.host.run import CALLERS, TURNS
from bunri.benchmark.report import Target

PLOT = "latency_by_load.png"


def write_page(
    file: Path, figures: HostFigures, *, machine: str, model: str, command: str, date: str, notes: str = ""
) -> None:
    """Write the page, and the plot into ``images`` beside it."""
    images = file.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    draw_latency(figures, images / PLOT)
    file.write_text(page_of(figures, machine=machine, model=model, command=command, date=date, notes=notes), "utf-8")


def page_of(figures: HostFigures, *, machine: str, model: str, command: str, date: str, notes: str) -> str:
    """The page's text; ``notes`` explain misses and end it."""
    bound, overload = figures.bound, figures.overload
    lines = [
        "# How fast the inference host is",
        "",
        f"Measured {date} by `{command}` on {machine}; model {model}; 1280x960 JPEGs, a file of its own each; the "
        "client runs on the same cores. Ratios hold within this run only: other figures of other machines are none of "
        "theirs.",
        "",
        "| what | measured | target |",
        "|---|---|---|",
        *(_row(target) for target in host_targets(figures)),
        "",
        "## What the ratios are made of",
        "",
        f"| photos a second, {CALLERS} callers, median of {TURNS} turns | |",
        "|---|---|",
        f"| Bunri | {figures.peak:.1f} |",
        *_peer_rows(figures.peers),
        f"| the processor's bound: decoding alone {bound.look:.1f}, bare backend on ready tensors {bound.network:.1f}, "
        f"one after the other on the same cores | {bound.photos_per_second:.1f} |",
        "",
        f"The client took {100 * figures.client_share:.0f} % of a core at Bunri's peak; the bound has none. Peers: one "
        "worker (LitServe) or replica (Ray Serve) a core with one thread each, the decoding of their tutorials "
        f"(Pillow, in full, then scaled). The lines {LITSERVE_SHARED!r} and {RAY_SHARED!r} give them Bunri's decoder, "
        "so that only the servers differ.",
        "",
        "| latency | p50, ms | p99, ms | photos |",
        "|---|---|---|---|",
        f"| bare call and decoding, in this process | {figures.bare_ms:.1f} | | |",
        f"| alone, one caller | {figures.alone.p50_ms:.1f} | {figures.alone.p99_ms:.1f} | {figures.alone.photos} |",
        *(
            f"| at {share:.0%} of the peak, coming at random | {each.p50_ms:.1f} | {each.p99_ms:.1f} | {each.photos} |"
            for share, each in figures.by_load.items()
        ),
        "",
        f"![latency against load](images/{PLOT})",
        "",
        f"Beyond capacity: {overload.offered:.0f} photos a second were sent, {overload.goodput:.1f} answered, "
        f"{100 * overload.refused:.0f} % told to come back after {overload.refusal.p50_ms:.1f} ms "
        f"(p99 {overload.refusal.p99_ms:.0f} ms).",
        "",
    ]
    return "\n".join([*lines, *([notes.strip(), ""] if notes.strip() else [])])


def _row(target: Target) -> str:
    if target.value is None:
        return f"| {target.name} | not measured here | {target.sense} {target.bound:g} |"
    verdict = "met" if target.met else "**missed**"
    return f"| {target.name} | {target.value:.2f} | {target.sense} {target.bound:g}: {verdict} |"


def _peer_rows(peers: Mapping[str, float | None]) -> list[str]:
    return [f"| {name} | {'not installed here' if rate is None else f'{rate:.1f}'} |" for name, rate in peers.items()]
