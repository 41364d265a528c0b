"""How far several annotators agree: Krippendorff's alpha for labels without an order. Pure.

Krippendorff, K. (2011), Computing Krippendorff's Alpha-Reliability, section C (nominal data, any number of
observers, missing values). 1 is full agreement, 0 what chance would give, below 0 systematic disagreement.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Agreement:
    """A growing matrix of coincidences; its size is the number of labels, whatever the number of items."""

    _pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    items: int = 0

    def add(self, labels: Sequence[str]) -> None:
        """One item's labels, one an annotator. Fewer than two say nothing about agreement and are left out."""
        if len(labels) < 2:
            return
        self.items += 1
        counts = Counter(labels)
        for one, of_one in counts.items():
            for other, of_other in counts.items():
                pairs = of_one * (of_other - (one == other))
                if pairs:
                    self._pairs[one, other] += pairs / (len(labels) - 1)  # type: ignore[assignment]

    @property
    def alpha(self) -> float | None:
        """Krippendorff's alpha; None where no item has two labels, or where all labels are one and the same."""
        totals: Counter[str] = Counter()
        for (one, _), pairs in self._pairs.items():
            totals[one] += pairs
        n = sum(totals.values())
        expected = n * n - sum(total * total for total in totals.values())
        if n <= 1 or not expected:
            return None
        observed = n - sum(pairs for (one, other), pairs in self._pairs.items() if one == other)
        return 1 - (n - 1) * observed / expected

    @property
    def share_alike(self) -> float | None:
        """The share of pairs of labels that are alike, 0 to 1; None where there is no pair."""
        n = sum(self._pairs.values())
        return sum(pairs for (one, other), pairs in self._pairs.items() if one == other) / n if n else None
