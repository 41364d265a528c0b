"""The simulation of labelling by two orders."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.active_learning import Order, Point, Pool, gains, simulate
from training.active_learning_plot import draw_curves

LABELS = 4


def pool(seed: int, count: int = 400) -> Pool:
    """Four clouds of points; two of them overlap."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(LABELS, count, p=[0.45, 0.35, 0.15, 0.05])
    centres = np.array([[9, 0, 0], [0, 9, 0], [0, 7.5, 2.0], [0, 0, 9]], dtype=np.float32)
    return Pool((centres[labels] + rng.normal(size=(count, 3))).astype(np.float32), labels)


def test_both_orders_begin_alike_and_grow_alike() -> None:
    points = simulate(pool(1), pool(2), [0, 1], shares=(0.1, 0.2, 0.3))
    assert len(points) == 2 * 2 * 3
    for seed in (0, 1):
        first = [point.macro_recall for point in points if point.seed == seed and point.labelled == 40]
        assert len(first) == 2
        assert first[0] == first[1]
        for order in Order:
            grown = [point.labelled for point in points if point.seed == seed and point.order is order]
            assert grown == [40, 80, 120]
    assert points == simulate(pool(1), pool(2), [0, 1], shares=(0.1, 0.2, 0.3))


def test_our_order_asks_for_the_unsure_oftener_than_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    import training.active_learning as module

    asked: dict[Order, list[int]] = {order: [] for order in Order}
    chosen = module._chosen

    def watched(pool: Pool, labelled: object, model: object, wanted: object, order: Order, *more: object) -> object:
        found = chosen(pool, labelled, model, wanted, order, *more)  # type: ignore[arg-type]
        asked[order] += [int(label) for label in pool.labels[found]]
        return found

    monkeypatch.setattr(module, "_chosen", watched)
    simulate(pool(1, 2000), pool(2), [0], shares=(0.1, 0.2))
    shares = {order: np.bincount(labels, minlength=LABELS) / len(labels) for order, labels in asked.items()}
    # The first cloud lies apart and is common: nothing is to be learned there.
    assert shares[Order.OURS][0] < shares[Order.RANDOM][0] / 2
    assert shares[Order.OURS][1:3].sum() > 1.3 * shares[Order.RANDOM][1:3].sum()


def test_gains_are_paired_by_seed_and_drawn(tmp_path: Path) -> None:
    points = [
        Point(order, seed, count, 0.5 + 0.1 * seed + (0.02 if order is Order.OURS and count == 20 else 0))
        for order in Order
        for seed in (0, 1)
        for count in (10, 20)
    ]
    found = gains(points)
    assert found[10].tolist() == [0, 0]
    assert found[20] == pytest.approx([0.02, 0.02])
    draw_curves(points, tmp_path / "images" / "curves.png")
    with Image.open(tmp_path / "images" / "curves.png") as image:
        assert image.format == "PNG"
