"""The report of a run: Markdown and PNG in the run's folder, made of what is finished."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

from training.comparison.architectures import Init, Name
from training.comparison.explanation import explain
from training.comparison.figures import confusion_figure, curves_figure, failure_figure, write_figure
from training.comparison.near_misses import errors_by_group
from training.comparison.plan import SEARCH, epochs_asked, finals, is_searched
from training.comparison.recipe import TaskRecipe
from training.comparison.run_folder import Run, read_run
from training.comparison.summary import Row, Spread, confusion, duel, table, winners
from training.comparison.trial_record import TrialResult, write_whole
from training.plot_style import style
from training.split import Part, part_counts

REPORT: Final = "report.md"


def write_report(folder: Path) -> Path:
    """Write the report of a run, or of the part of it that is there.

    Returns:
        The path of the Markdown file; its pictures lie beside it.

    Raises:
        DataError: there is no run in this folder, or a file in it is damaged.

    """
    run = read_run(folder)
    with mpl.rc_context(style()):
        text = "\n\n".join(_sections(run, folder)) + "\n"
    write_whole(folder / REPORT, text)
    return folder / REPORT


def _sections(run: Run, folder: Path) -> Iterator[str]:
    rows = table(run)
    best = winners(rows)
    yield f"# {run.recipe.title}"
    yield _state(run)
    yield "## The data"
    yield " ".join(run.notes.sentences())
    yield _parts(run)
    yield "## The table"
    yield _protocol(run)
    yield markdown_table(_head(run), [_cells(run, row, best) for row in rows])
    yield "## The best two"
    yield _best_two(list(best.values()))
    if run.recipe.near:
        yield f"## Errors by {run.recipe.near.name}"
        yield from _near(run, list(best.values()))
    yield "## Curves"
    for name in run.recipe.architectures:
        own = [row for row in rows if row.architecture == name]
        if own:
            yield f"![{name}]({write_figure(curves_figure(name, own), folder / f'curves_{name}.png')})"
    yield "## Confusions"
    for name, row in best.items():
        yield f"![{name}]({write_figure(confusion_figure(run, row), folder / f'confusion_{name}.png')})"
    if run.recipe.explain:
        yield f"## {run.recipe.explain} under the predecessor's settings"
        yield from explain(run, rows, run.recipe.explain)
        yield from _failure_picture(rows, run.recipe.explain, folder)
    yield "## The search"
    yield _search(run)


def _state(run: Run) -> str:
    asked = list(finals(run.recipe, run.recipe.architectures))
    other = " where no row says otherwise" if any(each.init for each in run.recipe.settings) else ""
    devices = sorted({result.device for result in run.finals}) or ["none yet"]
    return (
        f"Recipe `{run.recipe.name}`. {len(run.finals)} of {len(asked)} trainings are finished; weights start "
        f"{_INIT[run.recipe.init]}{other}; pictures of {run.recipe.side} px; device: {', '.join(devices)}. "
        f"Budget: {run.recipe.budget}"
    )


_INIT: Final = {"scratch": "from scratch (random)", "imagenet": "from torchvision's ImageNet weights"}


def _parts(run: Run) -> str:
    counts = part_counts(run.rows)
    groups = len({row.group for row in run.rows})
    rows = [
        [part, str(sum(own.values())), ", ".join(f"{label} {count}" for label, count in own.items())]
        for part, own in counts.items()
    ]
    told = (
        f"Split of `split.csv`: pictures whose perceptual hashes differ in at most {run.recipe.split.distance} of 64 "
        f"bits are in one part ({groups} groups)."
    )
    return told + "\n\n" + markdown_table(["part", "pictures", "by label"], rows)


def _protocol(run: Run) -> str:
    asked = [epochs_asked(run.recipe, name) for name in run.recipe.architectures]
    epochs = ", ".join(
        f"{name} {search:g} + {full:g}" for name, (search, full) in zip(run.recipe.architectures, asked, strict=True)
    )
    beside = any(each.role == "beside" for each in run.recipe.settings)
    return (
        f"All rows share the split, the augmentation and the batch{_judged(run.recipe)}. "
        + ("What stands *beside* competes with nothing: it starts or trains otherwise. " if beside else "")
        + "Rates marked * were found by the search below, for "
        "each architecture by itself; they, the schedule and the epoch whose weights are kept are chosen on "
        "validation alone. The test part is looked at once, with these weights. In bold: of each architecture, our "
        f"setting that does best on validation. Epochs of search + of all trainings: {epochs}. Time and memory are "
        "those of this machine, with whatever ran beside; latency is one pass of one picture on one CPU thread in "
        "fp32, median and quartiles of 15."
    )


def _judged(recipe: TaskRecipe) -> str:
    """What else they share, as the end of a sentence."""
    blurred = {group: bins.blur for group, bins in getattr(recipe.labels, "bins", {}).items() if bins.blur}
    told = [f"targets that spread {group} by {blur:g}" for group, blur in blurred.items()]
    told += [f"labels smoothed by {recipe.smoothing:g}"] if recipe.smoothing else []
    told += [f"weights averaged over steps ({recipe.ema:g})"] if recipe.ema else []
    told += ["answers that are the mean over a picture and its mirror image"] if recipe.mirror_test else []
    return f"; and {', '.join(told)}" if told else ""


def _head(run: Run) -> list[str]:
    return [
        "architecture", "setting", "init", "rate", "epochs", "side", "seeds", "validation",
        *(f"test {metric.replace('_', ' ')}" for metric in run.recipe.metrics),
        "minutes", "memory", "parameters", "CPU latency",
    ]  # fmt: skip


_START: Final[dict[Init, str]] = {"scratch": "scratch", "imagenet": "ImageNet", "package": "ImageNet (package)"}


def _cells(run: Run, row: Row, best: dict[Name, Row]) -> list[str]:
    first = row.results[0]
    wins = best.get(row.architecture) is row
    searched = row.setting.lr == "searched" and is_searched(run.recipe, row.architecture)
    rate = f"{first.trial.optimiser.lr:g}" + ("*" if searched else "")
    asked, trained = first.trial.schedule.epochs, min(len(result.curves) for result in row.results)
    good = sum(bool(result.test_predicted) for result in row.results)
    peaks = [result.peak_bytes for result in row.results if result.peak_bytes]
    latency = run.latencies.get(row.architecture)
    side = f"{first.trial.side}" + (f" (scaled from {run.recipe.side})" if first.trial.side != run.recipe.side else "")
    return [
        f"**{row.architecture}**" if wins else row.architecture,
        row.setting.name + ("" if row.setting.role == "ours" else f" ({row.setting.role})"),
        _START[first.trial.init],
        rate,
        f"{trained} of {asked:g}" if trained < asked else f"{asked:g}",
        side,
        f"{good} of {len(row.results)}" if good < len(row.results) else str(good),
        _told(row.val),
        *(_told(row.test.get(metric), wins=wins) for metric in run.recipe.metrics),
        f"{sum(result.seconds for result in row.results) / 60 / len(row.results):.1f}",
        f"{max(peaks) / 2**20:,.0f} MiB" if peaks else "-",
        f"{first.parameters / 1e6:.1f} M",
        f"{latency.median:.1f} ms ({latency.low:.1f}-{latency.high:.1f})" if latency else "-",
    ]


def _told(spread: Spread | None, *, wins: bool = False) -> str:
    if spread is None:
        return "failed"
    return f"**{spread}**" if wins else str(spread)


def _validation(row: Row) -> float:
    return row.val.mean if row.val else 0.0


def _best_two(rows: Sequence[Row]) -> str:
    ranked = sorted(rows, key=_validation, reverse=True)[:2]
    if len(ranked) < 2:
        return "Fewer than two architectures have finished."
    met = duel(*ranked)
    first, second = (f"{row.architecture} ({row.val}; on the test part {row.accuracy:.1%})" for row in ranked)
    told = [f"By validation: {first} and {second}."]
    for place, seed in enumerate(met.seeds):
        told.append(
            f"Seed {seed}: {met.only_first[place]} pictures were right in the first alone, {met.only_second[place]} in "
            f"the second alone; exact McNemar p = {met.p_values[place]:.2g}."
        )
    if met.difference:
        told.append(
            f"On the test part the first less the second is {100 * met.gap:.1f} points, 95 % bootstrap over pictures: "
            f"{100 * met.difference.low:.1f} to {100 * met.difference.high:.1f}."
        )
    if met.seeds:
        told.append("They differ beyond chance." if met.is_sure else "These pictures do not tell the two apart.")
    return " ".join(told)


def _near(run: Run, rows: Sequence[Row]) -> Iterator[str]:
    near = run.recipe.near
    assert near is not None
    yield (
        "Near: called by a label that the recipe pairs with the right one. Far: any other error. All seeds together, "
        "each architecture's bold row."
    )
    body = []
    for row in rows:
        for each in errors_by_group(confusion(run, row), run.labels, near):
            shares = [f"{count / max(1, each.pictures):.1%}" for count in (each.right, each.near, each.far)]
            body.append([row.architecture, each.group, str(each.pictures), *shares])
    yield markdown_table(["architecture", near.name, "pictures", "right", "near", "far"], body)


def _failure_picture(rows: Sequence[Row], name: Name, folder: Path) -> Iterator[str]:
    own = [row for row in rows if row.architecture == name]
    if own:
        file = write_figure(failure_figure(name, own), folder / "failure.png")
        yield f"![{name}, ours and the predecessor's]({file})"


def _search(run: Run) -> str:
    counts = part_counts(run.rows)[Part.VAL]
    guessing = max(counts.values()) / sum(counts.values())
    body = [
        [
            result.trial.architecture,
            f"{result.trial.schedule.epochs:g}",
            f"{result.trial.optimiser.lr:g}",
            _search_outcome(result, guessing),
        ]
        for result in sorted(run.searches, key=_search_place)
    ]
    return markdown_table(["architecture", "epochs", "rate", "validation accuracy (loss)"], body)


def _search_outcome(result: TrialResult, guessing: float) -> str:
    if result.failure or result.best is None:
        return result.failure or "failed"
    told = f"{result.best.val_accuracy:.1%} ({result.best.val_loss:.3f})"
    return told if result.best.val_accuracy > guessing + 1e-9 else f"{told}: no better than guessing"


def _search_place(result: TrialResult) -> tuple[str, float, float]:
    assert result.trial.setting == SEARCH
    return result.trial.architecture, result.trial.schedule.epochs, result.trial.optimiser.lr


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; "Nothing yet." where it would be empty."""
    if not rows:
        return "Nothing yet."
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
