"""Why an architecture failed under the predecessor's settings: each sentence follows from measured figures."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from training.comparison.architectures import Name
from training.comparison.faults import MEANING
from training.comparison.run_folder import Run
from training.comparison.summary import Duel, Row, duel, winners
from training.comparison.trial_record import Epoch, TrialResult

FAILS_BY: Final = 0.05
"""Accuracy that a setting must lose against the cured one, beyond chance, before it is said to fail."""

SURE: Final = 0.05


def explain(run: Run, rows: Sequence[Row], name: Name) -> Iterator[str]:
    """Paragraphs of Markdown about one architecture.

    Args:
        run: the run.
        rows: its table.
        name: the architecture that is explained.

    """
    own = [row for row in rows if row.architecture == name and row.setting.role == "predecessor"]
    cured = winners(rows).get(name)
    if cured is None:
        yield f"No training of {name} with a searched rate has finished yet, so nothing can be said of its failure."
        return
    yield _cure(cured)
    if not own:
        yield "None of the predecessor's settings has finished yet."
    for row in own:
        yield f"**{row.setting.name}** ({_described(row)}). {' '.join(_sentences(row, cured))}"
    others = [row for row in rows if row.setting.role == "predecessor" and row.architecture != name]
    for setting in dict.fromkeys(row.setting.name for row in own):
        beside = [row for row in others if row.setting.name == setting and row.hits.size]
        if beside:
            figures = ", ".join(f"{row.architecture} {row.accuracy:.1%}" for row in beside)
            yield f"The other architectures under {setting}: {figures}."


def _cure(cured: Row) -> str:
    best = cured.results[0].best
    epoch = f" (best epoch {best.epoch} of {len(cured.results[0].curves)}, first seed)" if best else ""
    return (
        f"**Cured.** {cured.architecture} reaches {cured.accuracy:.1%} on the test part with {cured.setting.name}, "
        f"{cured.setting.optimiser} at {_rate(cured):g}, the rate chosen on validation{epoch}."
    )


def _described(row: Row) -> str:
    schedule = row.results[0].trial.schedule
    fall = f"times {schedule.gamma:g} every {schedule.step_epochs} epochs" if schedule.name == "step" else "cosine"
    return (
        f"{row.setting.optimiser} at {_rate(row):g}, {fall}, {schedule.epochs:g} epochs; {MEANING[row.setting.fault]}"
    )


def _rate(row: Row) -> float:
    return row.results[0].trial.optimiser.lr


def _sentences(row: Row, cured: Row) -> Iterator[str]:
    first = row.results[0]
    if first.columns != cured.results[0].columns:
        yield f"The network answers with {first.columns} columns, not {cured.results[0].columns}."
    if first.without_gradient:
        named = ", ".join(f"`{each}`" for each in first.without_gradient[:3])
        more = f" and {len(first.without_gradient) - 3} more" if len(first.without_gradient) > 3 else ""
        yield f"No gradient reaches {named}{more}."
    if row.failure:
        yield f"Training stopped: {row.failure}."
    if not row.hits.size:
        yield "So there is no accuracy to compare."
        return
    yield f"Test accuracy {row.accuracy:.1%}, cured {cured.accuracy:.1%}."
    yield _verdict(duel(cured, row))
    yield from _of_curves(first, cured.results[0])


def _verdict(met: Duel) -> str:
    gap = met.first.accuracy - met.second.accuracy
    if not met.seeds:
        return f"The two differ by {100 * gap:.1f} points, on no common seed."
    p_value = max(met.p_values)
    told = f"{100 * gap:.1f} points (exact McNemar, largest p over {len(met.seeds)} seeds: {p_value:.2g})"
    if gap >= FAILS_BY and p_value < SURE:
        return f"It fails by {told}: the failure is reproduced."
    if gap > 0 and p_value < SURE:
        return f"It loses {told}: real, but no failure of the size that was reported."
    return f"The difference is {told}: this setting alone does not explain a failure here."


def _of_curves(failed: TrialResult, cured: TrialResult) -> Iterator[str]:
    schedule = failed.trial.schedule
    if schedule.name != "step" or len(failed.curves) <= schedule.step_epochs:
        return
    before, last = failed.curves[schedule.step_epochs - 1], failed.curves[-1]
    start = failed.curves[0]
    fallen, whole = start.train_loss - before.train_loss, start.train_loss - last.train_loss
    yield (
        f"Its training loss was {start.train_loss:.3f} after the first epoch, {before.train_loss:.3f} after epoch "
        f"{before.epoch}, when the rate fell for the first time, and {last.train_loss:.3f} at the end"
        + (f": {fallen / whole:.0%} of what it learned came before." if whole > 0 and fallen >= 0 else ".")
    )
    lowest = _lowest(cured.curves)
    if lowest.train_loss < last.train_loss:
        yield (
            f"The cured run came to {lowest.train_loss:.3f} on the same pictures: the network could learn them, "
            "and was stopped before it had."
        )
    if math.isclose(before.val_accuracy, last.val_accuracy, abs_tol=0.02):
        moved = f"from {before.val_accuracy:.1%} to {last.val_accuracy:.1%} only"
        yield f"After epoch {before.epoch} validation accuracy moved {moved}."


def _lowest(curves: Sequence[Epoch]) -> Epoch:
    return min(curves, key=lambda each: each.train_loss)
