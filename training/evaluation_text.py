"""An evaluation for a person at a terminal."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from inference.labels import LABELS
from training.evaluate import (
    ACCURACY_GOAL,
    COVERAGE_GOAL,
    About,
    Evaluation,
    NotWasteScores,
    SourceScores,
    WasteScores,
)
from training.metrics import ClassScores, Interval, Proportion

_MOST_CONFUSIONS: Final = 10
_MOST_UNREADABLE: Final = 20


def _percent(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{100 * value:.1f} %"


def _between(interval: Interval | None) -> str:
    return f"[{100 * interval.low:.1f}, {100 * interval.high:.1f}]" if interval else ""


def _share_line(name: str, share: Proportion) -> str:
    return _line(name, _percent(share.value), _between(share.interval), f"{share.count:,} of {share.total:,}")


def _line(name: str, value: str, interval: str = "", remark: str = "") -> str:
    return f"  {name:<34}{value:>8}  {interval:<18}{remark}".rstrip()


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell, the first one to the left, the others to the right."""
    cells = [header, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def _class_rows(names: Sequence[str], scores: ClassScores) -> list[list[str]]:
    return [
        [
            name,
            f"{scores.support[index]:,}",
            _percent(scores.precision[index]),
            _percent(scores.recall[index]),
            _percent(scores.f1[index]),
        ]
        for index, name in enumerate(names)
        if scores.support[index] or not math.isnan(scores.precision[index])
    ]


def _confusions(waste: WasteScores) -> list[str]:
    wrong = [
        (int(count), row.name, label.value)
        for row in waste.rows
        for label, count in zip(LABELS, row.counts, strict=True)
        if count and label.value not in row.labels
    ]
    wrong.sort(key=lambda each: (-each[0], each[1:]))
    return [f"  {name} called {label}: {count:,}" for count, name, label in wrong[:_MOST_CONFUSIONS]]


def _one_label_line(waste: WasteScores) -> list[str]:
    if waste.accuracy_one_label == waste.accuracy:
        return []
    return [_share_line("  of photos of one true label", waste.accuracy_one_label)]


def _waste_text(waste: WasteScores) -> list[str]:
    decisions = waste.decisions
    columns = ("photos", "precision", "recall", "F1")
    lines = [
        "Waste: the likeliest label, whatever was decided",
        _share_line("accuracy", waste.accuracy),
        *_one_label_line(waste),
        _line(
            "macro-F1, labels",
            _percent(waste.macro_f1_labels.value),
            _between(waste.macro_f1_labels.interval),
        ),
        _line("macro-F1, folders", _percent(waste.macro_f1_rows.value), _between(waste.macro_f1_rows.interval)),
        _line(f"ECE ({len(waste.reliability.count)} bins)", _percent(waste.reliability.ece)),
        _line("Brier score", f"{waste.brier:.4f}"),
        _line("negative log-likelihood", f"{waste.nll:.4f}"),
        "",
        "Waste: what was decided",
        _share_line("answered", decisions.answered),
        _share_line("  of these right", decisions.answered_right),
        _share_line("asked", decisions.asked),
        _share_line("  the truth among the choices", decisions.asked_with_truth),
        _share_line("wrongly taken for no waste", decisions.refused),
        _line(f"accuracy at {COVERAGE_GOAL:.0%} coverage", _percent(waste.curve.accuracy_at(COVERAGE_GOAL))),
        _line(f"coverage at {ACCURACY_GOAL:.0%} accuracy", _percent(waste.curve.coverage_at(ACCURACY_GOAL))),
        _share_line("battery warning shown for a battery", waste.hazard_recall),
        _share_line("battery warning shown in vain", waste.hazard_false_alarms),
        "",
        *_table(("label", *columns), _class_rows([label.value for label in LABELS], waste.labels)),
    ]
    if any(row.labels != (row.name,) for row in waste.rows):
        rows = _class_rows([row.name for row in waste.rows], waste.row_scores)
        lines += ["", *_table(("folder", *columns), rows)]
    confusions = _confusions(waste)
    return [*lines, "", "Most frequent confusions", *confusions] if confusions else lines


def _not_waste_text(scores: NotWasteScores) -> list[str]:
    lines = ["No waste", _share_line("taken for no waste", scores.refused)]
    lines += [_share_line("answered with a label", scores.answered)]
    lines += [_share_line("battery warning shown in vain", scores.hazard_false_alarms)]
    area = scores.auroc
    if area.value is not None:
        interval = f"[{area.interval.low:.4f}, {area.interval.high:.4f}]" if area.interval else ""
        lines.append(_line("AUROC, waste or not", f"{area.value:.4f}", interval))
    if scores.fpr95:
        lines.append(_share_line("let through with 95 % of waste", scores.fpr95))
    return lines


def _sources_text(sources: Sequence[SourceScores]) -> list[str]:
    header = (
        "source",
        "photos",
        "accuracy",
        "95 % interval",
        "recall",
        "ECE",
        "answered",
        "right",
        "no waste",
    )
    rows = [
        (
            each.source,
            f"{each.photos:,}",
            _percent(each.accuracy.value),
            _between(each.accuracy.interval) or "-",
            _percent(each.macro_recall),
            _percent(each.ece),
            _percent(each.answered.value),
            _percent(each.answered_right.value),
            _percent(each.refused.value),
        )
        for each in sources
    ]
    return ["By source", *_table(header, rows)]


def _left_out(evaluation: Evaluation, about: About) -> list[str]:
    lines = []
    if evaluation.unreadable:
        lines.append(f"Unreadable, not scored: {len(evaluation.unreadable):,}")
        lines += [
            f"  {each.path}: {each.error}" + (f" ({each.detail})" if each.detail else "")
            for each in evaluation.unreadable[:_MOST_UNREADABLE]
        ]
        more = len(evaluation.unreadable) - _MOST_UNREADABLE
        lines += [f"  and {more:,} more; --json lists all"] if more > 0 else []
    if about.skipped_folders:
        lines.append(f"Folders skipped by the mapping: {', '.join(about.skipped_folders)}")
    if about.ignored:
        lines.append(f"Files that are no photos by their suffix, ignored: {len(about.ignored):,}")
    return lines


def as_text(evaluation: Evaluation, about: About) -> str:
    """The evaluation for a terminal; shares in per cent with their 95 % interval."""
    parts = [
        [
            f"{about.model} on {about.backend}",
            f"{about.data}: {evaluation.photos:,} photos scored, {len(evaluation.unreadable):,} unreadable",
        ],
        _waste_text(evaluation.waste) if evaluation.waste else [],
        _not_waste_text(evaluation.not_waste) if evaluation.not_waste else [],
        _sources_text(evaluation.sources) if evaluation.sources else [],
        _left_out(evaluation, about),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)
