"""The Telegram part of the benchmark measures the real adapter in a real process."""

import sys

import pytest

from bunri.benchmark import telegram
from bunri.benchmark.telegram import BotFailed, measure_telegram


async def test_every_resident_is_answered_and_the_process_weighed() -> None:
    figures = await measure_telegram(b"a photo that nobody looks at", photos=30)
    assert figures.photos_per_second > 0
    if sys.platform == "linux":
        assert figures.memory_mb is not None
        assert figures.memory_mb > 20


async def test_a_bot_that_ends_at_once_is_told_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram, "_BOT", "bunri.benchmark.no_such_bot")
    with pytest.raises(BotFailed):
        await measure_telegram(b"a photo", photos=1)
