"""Several annotators' words on one photo -> one label, or none. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.importing.vote import Vote


@dataclass(frozen=True, slots=True)
class Word:
    """What counts of an annotator's votes: ``annotator`` is "" where the file does not say who it was."""

    annotator: str
    label: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What was said of a photo.

    Attributes:
        item_id: of the photo.
        words: one an annotator, by annotator.
        label: what most of them say; None where two labels have as many.

    """

    item_id: str
    words: tuple[Word, ...]
    label: str | None

    @property
    def agreeing(self) -> int:
        """How many say so."""
        return sum(word.label == self.label for word in self.words)


def settle(votes: Sequence[Vote]) -> Settled | Vote:
    """The majority of the annotators; of one annotator, the newest word.

    Args:
        votes: one or more, all on one photo.

    Returns:
        A vote that contradicts another of the same annotator's where no time says which is newer.

    """
    newest: dict[str, Vote] = {}
    for vote in votes:
        known = newest.get(vote.annotator)
        if known is None or known.label == vote.label:
            newest[vote.annotator] = vote if known is None or _is_newer(vote, known) else known
        elif _is_newer(vote, known):
            newest[vote.annotator] = vote
        elif not _is_newer(known, vote):
            return vote
    words = tuple(Word(name, vote.label, vote.at) for name, vote in sorted(newest.items()))
    (first, most), *others = Counter(word.label for word in words).most_common()
    is_tied = bool(others) and others[0][1] == most
    return Settled(votes[0].item_id, words, None if is_tied else first)


def _is_newer(one: Vote, other: Vote) -> bool:
    return one.at is not None and other.at is not None and one.at > other.at
