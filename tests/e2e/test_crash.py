"""Nothing is lost when the bot is killed, whenever that is: photos keep coming, and the process dies ten times."""

import asyncio
import itertools
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.updates import Person, Script

PHOTOS: Final = 300
A_SECOND: Final = 20
KILLS: Final = 10
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
        cwd=ROOT,
    )


async def test_300_photos_and_ten_kills_lose_none_and_answer_hardly_any_twice(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    chance = random.Random(seed)
    script = Script()
    async with FakeTelegram() as telegram:
        telegram.any_file = b"photo"

        async def people() -> None:
            for number in range(PHOTOS):
                telegram.feed(script.photo(Person(id=10_000 + number), f"photo-{number}"))
                await asyncio.sleep(1 / A_SECOND)

        feeding = asyncio.create_task(people())
        killed_while = []
        for _ in range(KILLS):
            bot = await _bot(telegram, tmp_path)
            # It has begun to answer: then it dies at any moment, in the middle of whatever it is doing.
            before = len(telegram.sent)
            await telegram.until(lambda before=before: len(telegram.sent) > before, 60)  # type: ignore[misc]
            await asyncio.sleep(chance.uniform(0, 0.6))
            bot.send_signal(signal.SIGKILL)
            await bot.wait()
            killed_while.append(len(telegram.sent))
        bot = await _bot(telegram, tmp_path)
        await feeding
        try:
            wanted = {10_000 + number for number in range(PHOTOS)}
            await telegram.until(lambda: {each["chat_id"] for each in telegram.sent} == wanted, 60)
        finally:
            bot.terminate()
            await bot.wait()
        answers = Counter(each["chat_id"] for each in telegram.sent)
        twice = sum(count - 1 for count in answers.values())
        print(
            f"seed {seed}: {PHOTOS} photos, killed after {killed_while} answers, {len(answers)} answered, {twice} twice"
        )
        assert telegram.problems == []
        assert len(answers) == PHOTOS
        assert twice <= MOST_ANSWERED_TWICE * PHOTOS
        assert len(set(itertools.pairwise(killed_while))) == KILLS - 1, "each kill came in the middle of the work"
