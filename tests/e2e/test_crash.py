"""Nothing is lost when the bot is killed, whenever that is: photos keep coming, and the process dies ten times."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.updates import Person, Script

PHOTOS: Final = 300
A_SECOND: Final = 20
KILLS: Final = 10
LONGEST_LIFE_S: Final = 0.4
"""Of a process at work: ten of them, and their starts, must fit into the time in which photos come."""

MOST_ANSWERED_TWICE: Final = 0.02
ROOT: Final = Path(__file__).parents[2]


async def _bot(telegram: FakeTelegram, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fake_telegram.process",
        telegram.base_url,
        telegram.base_file_url,
        str(folder),
        telegram.token,
        cwd=ROOT,
    )


@asynccontextmanager
async def _running(telegram: FakeTelegram, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, killed on leaving, whatever happened meanwhile."""
    bot = await _bot(telegram, folder)
    try:
        yield bot
    finally:
        with suppress(ProcessLookupError):
            bot.send_signal(signal.SIGKILL)
        await bot.wait()


async def test_300_photos_and_ten_kills_lose_none_and_answer_hardly_any_twice(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seed = int(os.environ.get("BUNRI_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    sys.stdout.write(f"BUNRI_CRASH_SEED={seed}\n")
    chance = random.Random(seed)
    script = Script()
    async with FakeTelegram() as telegram, asyncio.TaskGroup() as tasks:
        telegram.any_file = b"photo"

        async def people() -> None:
            for number in range(PHOTOS):
                telegram.feed(script.photo(Person(id=10_000 + number), f"photo-{number}"))
                await asyncio.sleep(1 / A_SECOND)

        tasks.create_task(people())
        left_at_kill = []
        for _ in range(KILLS):
            before = len(telegram.sent)
            async with _running(telegram, tmp_path):
                # At work again, and then any moment: in the burst after the start, or in the even flow behind it.
                await telegram.until(lambda before=before: len(telegram.sent) > before, 60)  # type: ignore[misc]
                await asyncio.sleep(chance.uniform(0, LONGEST_LIFE_S))
                left_at_kill.append(PHOTOS - len({each["chat_id"] for each in telegram.sent}))
        async with _running(telegram, tmp_path):
            wanted = {10_000 + number for number in range(PHOTOS)}
            await telegram.until(lambda: {each["chat_id"] for each in telegram.sent} == wanted, 60)
        answers = Counter(each["chat_id"] for each in telegram.sent)
        twice = sum(count - 1 for count in answers.values())
        sys.stdout.write(f"{len(answers)} of {PHOTOS} answered, {twice} twice; left at each kill {left_at_kill}\n")
        record_property("answered_twice", twice)
        assert telegram.problems == []
        assert len(answers) == PHOTOS
        assert all(left_at_kill), "each kill came while photos were still to be answered"
        assert twice < MOST_ANSWERED_TWICE * PHOTOS
