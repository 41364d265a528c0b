"""What the processor could do at best: the same decoding and the same network calls without a server around them."""

import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from inference.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Bound:
    """Photos a second of all cores together.

    Attributes:
        look: decoding and everything else before the network.
        network: the bare backend on ready squares.

    """

    look: float
    network: float

    @property
    def photos_per_second(self) -> float:
        """One after the other on the same cores: the sum of their times a photo."""
        return 1 / (1 / self.look + 1 / self.network)


def bound_of(classifier: Classifier, photos: Sequence[bytes], *, workers: int, seconds: float) -> Bound:
    """Measure both, each on ``workers`` threads for so many seconds; blocks."""
    squares = itertools.cycle([classifier.look(photo).square[None] for photo in photos])
    turn = itertools.cycle(photos)
    return Bound(
        look=_rate(lambda: classifier.look(next(turn)), workers, seconds),
        network=_rate(lambda: classifier.backend.logits(next(squares)), workers, seconds),
    )


def _rate(action: Callable[[], object], workers: int, seconds: float) -> float:
    start = time.perf_counter()
    end = start + seconds

    def keep_on() -> int:
        done = 0
        while time.perf_counter() < end:
            action()
            done += 1
        return done

    with ThreadPoolExecutor(workers) as threads:
        done = sum(each.result() for each in [threads.submit(keep_on) for _ in range(workers)])
    return done / (time.perf_counter() - start)
