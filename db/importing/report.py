"""What an import came to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from db.agreement import Agreement
from db.importing.vote import Reason, Refusal
from db.labels import Outcome, OutcomeKind
from db.precision import ClassPrecision

_MOST_NAMED: Final = 1_000


@dataclass(slots=True)
class Report:
    """What an import came to, while it grows.

    Attributes:
        source: the format.
        is_dry_run: nothing was written.
        votes: labels in the file that could be read.
        accepted: photos that have a new label.
        unchanged: photos on which the same was said before.
        of_no_use: photos that somebody found of no use: the words are kept as history and count for nothing.
        tied: photos on which as many say one thing as another: the words are kept, no label is set.
        refused: labels that were not taken, by reason.
        passed: photos without anybody's label, by reason.
        named: the first refusals, each with its place.
        agreement: of those photos that several people looked at.

    """

    source: str
    is_dry_run: bool
    votes: int = 0
    accepted: int = 0
    unchanged: int = 0
    tied: int = 0
    of_no_use: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    passed: Counter[Reason] = field(default_factory=Counter)
    named: list[Refusal] = field(default_factory=list)
    agreement: Agreement = field(default_factory=Agreement)
    _seen: Counter[tuple[str, str, bool, bool]] = field(default_factory=Counter)

    def refuse(self, refusal: Refusal) -> None:
        """Count it, and name it if it is among the first."""
        if refusal.reason.is_harmless:
            self.passed[refusal.reason] += 1
            return
        self.refused[refusal.reason] += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(refusal)

    def take(self, outcome: Outcome) -> None:
        """Count a photo that is known."""
        self.accepted += outcome.kind is OutcomeKind.ACCEPTED
        self.unchanged += outcome.kind is OutcomeKind.UNCHANGED
        self.tied += outcome.kind is OutcomeKind.TIED
        self.of_no_use += outcome.kind is OutcomeKind.OF_NO_USE
        self.agreement.add([word.label for word in outcome.settled.words])
        is_of_use = outcome.kind is not OutcomeKind.OF_NO_USE
        if is_of_use and outcome.settled.label is not None and outcome.predicted is not None:
            is_right = outcome.settled.label == outcome.predicted
            self._seen[outcome.model or "", outcome.predicted, outcome.is_random, is_right] += 1

    @property
    def precision(self) -> tuple[ClassPrecision, ...]:
        """What these labels say about each model, label by label."""
        classes = sorted({(model, label) for model, label, _, _ in self._seen})
        return tuple(self._of_class(model, label) for model, label in classes)

    def _of_class(self, model: str, label: str) -> ClassPrecision:
        def count(randoms: Iterable[bool], rights: Iterable[bool]) -> int:
            return sum(self._seen[model, label, random, right] for random in randoms for right in rights)

        either = (False, True)
        return ClassPrecision(
            model=model,
            label=label,
            photos=count(either, either),
            right=count(either, (True,)),
            random=count((True,), either),
            random_right=count((True,), (True,)),
        )

    def counts(self) -> dict[str, Any]:
        """The figures alone, as the database keeps them."""
        return {
            "votes": self.votes,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "tied": self.tied,
            "of_no_use": self.of_no_use,
            "refused": {reason.value: count for reason, count in sorted(self.refused.items())},
            "passed": {reason.value: count for reason, count in sorted(self.passed.items())},
            "agreement": {
                "photos": self.agreement.items,
                "krippendorff_alpha": self.agreement.alpha,
                "share_alike": self.agreement.share_alike,
            },
        }

    def plain(self) -> dict[str, Any]:
        """Everything, as ``json.dumps`` takes it."""
        return {
            "source": self.source,
            "dry_run": self.is_dry_run,
            **self.counts(),
            "refusals": [
                {"place": each.place, "reason": each.reason.value, "found": each.found} for each in self.named
            ],
            "precision": [each.plain() for each in self.precision],
        }
