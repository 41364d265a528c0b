"""One architecture under the predecessor's settings, beside ours: each sentence follows from measured figures."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from training.comparison.architectures import Name
from training.comparison.faults import MEANING
from training.comparison.plan import is_searched
from training.comparison.run_folder import Run
from training.comparison.summary import Duel, Row, duel, winners
from training.comparison.trial_record import Epoch, Trial, TrialResult

FAILS_BY: Final = 0.05
"""Accuracy that a setting must lose against another, beyond chance, before it is said to fail."""


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
        yield f"No training of {name} in a setting of ours has finished yet, so nothing can be said of its failure."
        return
    yield _cure(run, cured)
    if not own:
        yield "None of the predecessor's settings has finished yet."
        return
    yield (
        "The predecessor's code is lost. In the rows below optimiser, rate, schedule and fault are as it may have had "
        "them; augmentation, weight decay, clipping, averaging and the start are this recipe's."
    )
    for row in own:
        yield f"**{row.setting.name}** ({_described(row)}). {' '.join(_sentences(row, cured, own))}"
    beside = [row for row in rows if row.architecture == name and row.setting.role == "beside" and row.hits.size]
    for row in own:
        yield from _what_it_was(row, cured, beside)
    others = [row for row in rows if row.setting.role == "predecessor" and row.architecture != name]
    for setting in dict.fromkeys(row.setting.name for row in own):
        same = [row for row in others if row.setting.name == setting and row.hits.size]
        if same:
            figures = ", ".join(f"{row.architecture} {row.accuracy:.1%}" for row in same)
            yield f"The other architectures under {setting}: {figures}."


def _trial(row: Row) -> Trial:
    return row.results[0].trial


def _taught(row: Row) -> str:
    optimiser = _trial(row).optimiser
    return f"{optimiser.name} at {optimiser.lr:g}"


def _cure(run: Run, cured: Row) -> str:
    best = cured.results[0].best
    found = ", the rate chosen on validation" if is_searched(run.recipe, cured.architecture) else ""
    epoch = f" (best epoch {best.epoch} of {len(cured.results[0].curves)}, first seed)" if best else ""
    return (
        f"**Ours.** {cured.architecture} reaches {cured.accuracy:.1%} on the test part with {cured.setting.name}, "
        f"{_taught(cured)}{found}{epoch}."
    )


def _described(row: Row) -> str:
    schedule = _trial(row).schedule
    fall = f"times {schedule.gamma:g} every {schedule.step_epochs} epochs" if schedule.name == "step" else "cosine"
    return f"{_taught(row)}, {fall}, {schedule.epochs:g} epochs; {MEANING[_trial(row).fault]}"


def _sentences(row: Row, cured: Row, own: Sequence[Row]) -> Iterator[str]:
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
    yield f"Test accuracy {row.accuracy:.1%}, ours {cured.accuracy:.1%}."
    yield _verdict(duel(cured, row))
    without = _without_fault(row, own)
    if without:
        yield _fault_verdict(duel(without, row))
    yield from _of_curves(first, cured.results[0])


def _without_fault(row: Row, own: Sequence[Row]) -> Row | None:
    """The row that differs from this one in nothing but its fault."""
    if _trial(row).fault == "none":
        return None
    whole = [each for each in own if _trial(each).fault == "none" and each.hits.size]
    return next((each for each in whole if _on_schedule_of(each, row) and _taught_like(each, row)), None)


def _on_schedule_of(one: Row, other: Row) -> bool:
    return _trial(one).schedule == _trial(other).schedule


def _taught_like(one: Row, other: Row) -> bool:
    return _trial(one).optimiser == _trial(other).optimiser


def _verdict(met: Duel) -> str:
    if not met.seeds:
        return "The two have no seed in common, so nothing is said of their difference."
    several = f"largest p of {len(met.seeds)} seeds" if len(met.seeds) > 1 else "p"
    told = f"{100 * abs(met.gap):.1f} points (exact McNemar, {several} = {met.p_value:.2g})"
    if met.gap >= FAILS_BY and met.is_sure:
        return f"It fails by {told}: the failure is reproduced."
    if met.gap > 0 and met.is_sure:
        return f"It loses {told}: real, but no failure of the size that was reported."
    if met.is_sure:
        return f"It is ahead by {told}: no failure."
    return f"The difference is {told}, and these pictures do not tell the two apart."


def _fault_verdict(met: Duel) -> str:
    first = f"The same without the fault ({met.first.setting.name}) gets {met.first.accuracy:.1%}"
    if not met.seeds:
        return f"{first}."
    p_value = f"p = {met.p_value:.2g}"
    if not met.is_sure:
        return f"{first}; the pictures do not tell the two apart ({p_value}): the fault is not what made it fail."
    if met.gap > 0:
        return f"{first}: of what is lost, {100 * met.gap:.1f} points are the fault's ({p_value})."
    return f"{first}, less than with the fault ({p_value}): the fault is not what made it fail."


def _what_it_was(row: Row, cured: Row, beside: Sequence[Row]) -> Iterator[str]:
    """What each half of a setting is worth, where a row beside it changes the other half alone."""
    if _trial(row).fault != "none" or not row.hits.size or not duel(cured, row).gap >= FAILS_BY:
        return
    taught = next((each for each in beside if _on_schedule_of(each, row)), None)
    epochs = _trial(row).schedule.epochs
    slow = [each for each in beside if _taught_like(each, row) and _trial(each).schedule.epochs == epochs]
    if taught is None and not slow:
        return
    told = [f"**What it was.** {row.setting.name} loses {100 * (cured.accuracy - row.accuracy):.1f} points."]
    if taught is not None:
        told.append(
            f"The same schedule with {_taught(taught)} ({taught.setting.name}) reaches {taught.accuracy:.1%}: "
            f"another optimiser and rate bring {100 * (taught.accuracy - row.accuracy):+.1f} points."
        )
    if slow:
        told.append(
            f"{_taught(slow[0])} under a {_trial(slow[0]).schedule.name} of as many epochs ({slow[0].setting.name}) "
            f"reaches {slow[0].accuracy:.1%}: another schedule brings "
            f"{100 * (slow[0].accuracy - row.accuracy):+.1f} points."
        )
    yield " ".join(told)


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
        + (f": {fallen / whole:.0%} of that fall came before." if 0 <= fallen <= whole and whole > 0 else ".")
    )
    lowest = _lowest(cured.curves)
    # Another number of columns has another loss at best, as labels are smoothed over all of them.
    if lowest.train_loss < last.train_loss and failed.columns == cured.columns:
        yield f"In our setting it came to {lowest.train_loss:.3f} on the same pictures."
    if math.isclose(before.val_accuracy, last.val_accuracy, abs_tol=0.02):
        moved = f"from {before.val_accuracy:.1%} to {last.val_accuracy:.1%} only"
        yield f"After epoch {before.epoch} validation accuracy moved {moved}."


def _lowest(curves: Sequence[Epoch]) -> Epoch:
    return min(curves, key=lambda each: each.train_loss)
