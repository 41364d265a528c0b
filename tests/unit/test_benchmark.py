import asyncio
import io
from dataclasses import replace

import pytest
from PIL import Image

from bunri.benchmark.photo import synthetic_photo
from bunri.benchmark.report import Figures, as_text, targets
from bunri.benchmark.telegram import TelegramFigures
from bunri.benchmark.timing import Times, beside, in_turns, per_second, times

FIGURES = Figures(
    machine={"cpu": "x", "cores": 2},
    model="m 1",
    backend="openvino cpu int8",
    threads=1,
    photo_bytes=160_000,
    model_call=Times(5.0, 6.0, 100),
    photo_to_answer=Times(8.0, 9.0, 100),
    decode=Times(2.0, 2.0, 100),
    preprocess=Times(1.0, 1.0, 100),
    torch_resnet50=Times(80.0, 90.0, 20),
    seconds_to_ready=0.9,
    photos_per_second={1: 120.0},
    peak_memory_mb=200.0,
    telegram=TelegramFigures(160.0, 148.0),
    four_pictures=Times(400.0, 450.0, 10),
    beside_pictures=Times(9.0, 13.5, 100),
)


def test_the_synthetic_photo_costs_as_much_as_a_messengers_photo() -> None:
    content = synthetic_photo()
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (1280, 960))
    assert 150_000 <= len(content) <= 250_000
    assert content == synthetic_photo()


def test_targets_hold_ratios_of_medians_against_their_bounds() -> None:
    overhead, speedup, ready, telegram, memory, four, beside_pictures = targets(FIGURES)
    assert (overhead.value, overhead.met) == (1.6, True)
    assert (speedup.value, speedup.met) == (10.0, True)
    assert (ready.value, ready.met) == (0.9, True)
    assert (telegram.value, telegram.met) == (160.0, True)
    assert (memory.value, memory.met) == (148.0, True)
    assert (four.value, four.met) == (0.4, True)
    assert (beside_pictures.value, beside_pictures.met) == (1.5, True)
    slow = targets(
        replace(
            FIGURES,
            photo_to_answer=Times(20.0, 20.0, 1),
            seconds_to_ready=3.5,
            telegram=TelegramFigures(149.9, 150.1),
            four_pictures=Times(501.0, 600.0, 10),
            beside_pictures=Times(30.0, 41.0, 100),
        )
    )
    assert [target.met for target in slow] == [False] * 7


def test_a_figure_that_could_not_be_measured_is_neither_met_nor_missed() -> None:
    without = replace(
        FIGURES,
        torch_resnet50=None,
        peak_memory_mb=None,
        telegram=TelegramFigures(160.0, None),
        four_pictures=None,
        beside_pictures=None,
    )
    assert [target.met for target in targets(without)] == [True, None, True, True, None, None, None]
    text = as_text(without)
    assert "not here" in text
    assert "MISSED" not in text


def test_times_are_medians_in_milliseconds() -> None:
    measured = times([0.001, 0.002, 0.009])
    assert measured.median_ms == pytest.approx(2.0)
    assert measured.p95_ms == pytest.approx(8.3)
    assert measured.rounds == 3


async def test_actions_take_turns() -> None:
    order: list[str] = []

    async def first() -> None:
        order.append("first")

    async def second() -> None:
        order.append("second")

    measured = await in_turns({"first": first, "second": second}, 3)
    assert order == ["first", "second"] * (len(order) // 2)
    assert {each.rounds for each in measured.values()} == {3}


async def test_an_action_is_timed_while_another_goes_on_beside_it() -> None:
    others = 0

    async def action() -> None:
        await asyncio.sleep(0.002)

    async def other() -> None:
        nonlocal others
        others += 1
        await asyncio.sleep(0.001)

    measured = await beside(action, other, 5)
    stopped_at = others
    await asyncio.sleep(0.01)
    assert measured.rounds == 5
    assert others == stopped_at > 0


async def test_the_rate_counts_what_all_callers_completed() -> None:
    completed = 0

    async def action() -> None:
        nonlocal completed
        await asyncio.sleep(0.001)
        completed += 1

    rate = await per_second(action, callers=4, seconds=0.05)
    assert completed >= 4
    assert rate > 0
