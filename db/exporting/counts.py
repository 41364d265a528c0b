"""How many photos of what an export holds. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from db.exporting.item import Exported


def counts_of(photos: Iterable[Exported]) -> dict[str, Any]:
    """``photos``, ``random``, ``near_duplicates``, ``by_label``, ``by_predicted`` and ``by_source``."""
    by_label: Counter[str] = Counter()
    by_predicted: Counter[str] = Counter()
    by_source: Counter[str] = Counter()
    total = random = near = 0
    for each in photos:
        total += 1
        random += each.item.is_random
        near += bool(each.duplicate_of)
        by_source[each.item.source] += 1
        by_label.update([each.item.label] if each.item.label else [])
        by_predicted.update([each.item.predicted] if each.item.predicted else [])
    return {
        "photos": total,
        "random": random,
        "near_duplicates": near,
        "by_label": dict(sorted(by_label.items())),
        "by_predicted": dict(sorted(by_predicted.items())),
        "by_source": dict(sorted(by_source.items())),
    }
