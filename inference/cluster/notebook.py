"""What a replica saw, kept until an answer takes it along to the host's metrics."""

import threading
from dataclasses import dataclass, field

from inference.errors import DecodeProblem
from inference.observer import Observer, Stage


@dataclass(frozen=True, slots=True)
class Notes:
    """What happened in a replica since its last answer.

    Attributes:
        took: stages and their seconds.
        batches: photos that went through the network together.
        refused: why photos were not accepted.
        dropped: photos whose caller did not wait.

    """

    took: tuple[tuple[Stage, float], ...] = ()
    batches: tuple[int, ...] = ()
    refused: tuple[DecodeProblem, ...] = ()
    dropped: int = 0

    def told_to(self, observer: Observer) -> None:
        """Repeat it all to another observer."""
        for stage, seconds in self.took:
            observer.took(stage, seconds)
        for photos in self.batches:
            observer.batch(photos)
        for problem in self.refused:
            observer.refused(problem)
        for _ in range(self.dropped):
            observer.dropped()


@dataclass
class Notebook:
    """An ``inference.observer.Observer`` that remembers. Threads may write while the loop reads."""

    _took: list[tuple[Stage, float]] = field(default_factory=list)
    _batches: list[int] = field(default_factory=list)
    _refused: list[DecodeProblem] = field(default_factory=list)
    _dropped: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, stage: Stage, seconds: float) -> None:
        """See ``Observer``."""
        with self._lock:
            self._took.append((stage, seconds))

    def batch(self, photos: int) -> None:
        """See ``Observer``."""
        with self._lock:
            self._batches.append(photos)

    def refused(self, problem: DecodeProblem) -> None:
        """See ``Observer``."""
        with self._lock:
            self._refused.append(problem)

    def dropped(self) -> None:
        """See ``Observer``."""
        with self._lock:
            self._dropped += 1

    def torn_out(self) -> Notes:
        """All that was written since the last time; each note leaves once."""
        with self._lock:
            notes = Notes(tuple(self._took), tuple(self._batches), tuple(self._refused), self._dropped)
            self._took.clear()
            self._batches.clear()
            self._refused.clear()
            self._dropped = 0
        return notes
