"""Which of the pictures that a seed stands for is shown."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.generation import ACCEPTED, PictureGenerator
from inference.labels import LABELS, Label

SIDE = 4


class Painter:
    """A backend whose pictures hold one grey value each, the next of a list."""

    name = "painter"

    def __init__(self, *values: int) -> None:
        self._values, self.asked = list(values), list[int]()

    def pictures(self, latents: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.uint8]:
        self.asked.append(len(latents))
        assert set(labels) == {LABELS.index(Label.PAPER)}
        chosen = [self._values.pop(0) for _ in latents]
        return np.stack([np.full((SIDE, SIDE, 3), each, np.uint8) for each in chosen])

    def close(self) -> None:
        """Hold nothing."""


class Judge:
    """A classifier that finds paper in a picture with the probability that its grey value is of 200."""

    manifest = SimpleNamespace(temperature=1.0)

    def __init__(self) -> None:
        self.backend = self
        self.looked_at = 0

    def prepare(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return pixels

    def logits(self, squares: NDArray[np.uint8]) -> SimpleNamespace:
        self.looked_at += len(squares)
        wanted = squares[:, 0, 0, 0] / 200
        shares = np.full((len(squares), len(LABELS)), 0.0)
        shares[:] = ((1 - wanted) / (len(LABELS) - 1))[:, None]
        shares[:, LABELS.index(Label.PAPER)] = wanted
        return SimpleNamespace(label_logits=np.log(shares))


def _made(painter: Painter, judge: Judge, candidates: int, count: int) -> list[int]:
    manifest = SimpleNamespace(latent=8, title="painter 1")
    generator = PictureGenerator(painter, cast(Any, manifest), cast(Any, judge), candidates)
    made = generator.generate(Label.PAPER, count, 1)
    assert [each.seed for each in made] == list(range(1, count + 1))
    return [int(each.pixels[0, 0, 0]) for each in made]


def test_the_first_picture_that_is_recognised_is_shown_though_a_later_one_would_be_surer() -> None:
    painter, judge = Painter(int(200 * ACCEPTED) + 1), Judge()
    assert _made(painter, judge, 3, 1) == [int(200 * ACCEPTED) + 1]
    assert painter.asked == [1]


def test_only_pictures_that_are_not_recognised_are_made_again() -> None:
    painter, judge = Painter(190, 20, 150, 30, 140, 120), Judge()
    assert _made(painter, judge, 4, 4) == [190, 140, 150, 120]
    assert painter.asked == [4, 2], "the second and the fourth again, once"
    assert judge.looked_at == 6


def test_where_none_is_recognised_the_surest_is_shown() -> None:
    painter, judge = Painter(50, 70, 60), Judge()
    assert _made(painter, judge, 3, 1) == [70]


def test_with_one_candidate_the_classifier_is_not_asked() -> None:
    painter, judge = Painter(10), Judge()
    assert _made(painter, judge, 1, 1) == [10]
    assert judge.looked_at == 0


@pytest.mark.parametrize("count", [1, 5])
def test_a_seed_stands_for_the_same_latents_in_any_request(count: int) -> None:
    seen: list[NDArray[np.float32]] = []

    class Recorder(Painter):
        def pictures(self, latents: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.uint8]:
            seen.append(latents)
            return super().pictures(latents, labels)

    _made(Recorder(*[10] * 15), Judge(), 3, count)
    _made(Recorder(*[10] * 3), Judge(), 3, 1)
    for alone, among in zip(seen[3:], seen[:3], strict=True):
        assert np.array_equal(alone[0], among[0])
