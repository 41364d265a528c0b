"""How far the reviewing is and how often the model is right, as the page shows it. Pure."""

from collections.abc import Sequence
from typing import Any

from bots.web.admin.house import Models
from db.precision import ClassPrecision
from db.reviews import ReviewCounts
from inference.labels import LABELS


def counts_json(counts: ReviewCounts, target: int) -> dict[str, Any]:
    """``{"kept", "labelled", "rejected", "left", "target", "by_label": {each label: photos}}``."""
    return {
        "kept": counts.kept,
        "labelled": counts.labelled,
        "rejected": counts.rejected,
        "left": counts.left,
        "target": target,
        "by_label": {label.value: counts.by_label.get(label.value, 0) for label in LABELS},
    }


def models_json(models: Models, precision: Sequence[ClassPrecision]) -> dict[str, Any]:
    """``{"model", "changes": [{"at", "title", "why"}], "precision": [as ``ClassPrecision.plain``]}``."""
    return {
        "model": models.title,
        "changes": [{"at": each.at.isoformat(), "title": each.title, "why": each.why} for each in models.changes],
        "precision": [each.plain() for each in precision],
    }
