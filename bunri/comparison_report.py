"""A comparison of two models, in words and as JSON."""

from dataclasses import asdict
from typing import Any

from training.model_comparison import Change, Comparison


def comparison_text(comparison: Comparison, before: str, after: str, data: str) -> str:
    """A table for a terminal."""
    lines = [
        f"{after} beside {before} on {data}",
        "",
        f"{'recall':<16}{'photos':>8}{'before':>9}{'after':>9}{'change':>9}   95 % interval",
        *(_line(label.value, change) for label, change in comparison.recall.items()),
        _line("all of them", comparison.accuracy),
        *(_line(name, change) for name, change in _besides(comparison).items()),
        "",
        f"right by {before} alone {comparison.only_before}, by {after} alone {comparison.only_after}; "
        f"by chance with p = {comparison.p_value:.3g} (McNemar)",
    ]
    return "\n".join(lines)


def comparison_json(comparison: Comparison, before: str, after: str, data: str) -> dict[str, Any]:
    """The same as one JSON object; shares in [0, 1]."""
    return {
        "before": before,
        "after": after,
        "data": data,
        "accuracy": asdict(comparison.accuracy),
        "recall": {label.value: asdict(change) for label, change in comparison.recall.items()},
        **{name.replace(" ", "_"): asdict(change) for name, change in _besides(comparison).items()},
        "only_before": comparison.only_before,
        "only_after": comparison.only_after,
        "p_value": comparison.p_value,
    }


def _besides(comparison: Comparison) -> dict[str, Change]:
    """Beside the labels, what there are photos for."""
    named = {"battery warned": comparison.warned, "not waste": comparison.turned_away}
    return {name: change for name, change in named.items() if change.photos}


def _line(name: str, change: Change) -> str:
    interval = change.difference
    between = "" if interval is None else f"   {100 * interval.low:+.1f} to {100 * interval.high:+.1f}"
    return (
        f"{name:<16}{change.photos:>8}{100 * change.before:>8.1f}%{100 * change.after:>8.1f}%"
        f"{100 * change.gain:>+9.1f}{between}"
    )
