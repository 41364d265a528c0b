"""How many photos a second the Telegram adapter answers, and how much memory its process holds."""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bunri.benchmark.telegram_server import TOKEN, BotApi, bot_api

_BOT: Final = "bunri.benchmark.telegram_bot"
_WARM_UP: Final = 50
_LONGEST_S: Final = 120.0


class BotFailed(Exception):
    """The bot that was to be measured ended, or was silent; what it said stands on stderr."""

    def __init__(self) -> None:
        super().__init__("the Telegram bot that was to be measured did not answer")


@dataclass(frozen=True, slots=True)
class TelegramFigures:
    """The adapter with an inference that answers at once, against a Bot API on this machine.

    Attributes:
        photos_per_second: photo messages answered, each of another resident, all waiting from the start.
        memory_mb: the most that the bot's process held; None where the system does not tell.

    """

    photos_per_second: float
    memory_mb: float | None


async def measure_telegram(photo: bytes, photos: int) -> TelegramFigures:
    """Start a bot process and a Bot API, and let it answer.

    Raises:
        BotFailed: it did not answer.

    """
    with tempfile.TemporaryDirectory() as folder:
        async with bot_api(photo) as api:
            process = await _bot(api, Path(folder))
            try:
                await _answered(api, _WARM_UP, process)
                start = time.perf_counter()
                await _answered(api, photos, process)
                rate = photos / (time.perf_counter() - start)
                return TelegramFigures(rate, _peak_memory_mb(process.pid))
            finally:
                assert process.stdin is not None
                process.stdin.close()
                await process.wait()


async def _answered(api: BotApi, photos: int, process: asyncio.subprocess.Process) -> None:
    answered = asyncio.create_task(api.answered(photos))
    ended = asyncio.create_task(process.wait())
    try:
        await asyncio.wait({answered, ended}, timeout=_LONGEST_S, return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            raise BotFailed
    finally:
        answered.cancel()
        ended.cancel()


async def _bot(api: BotApi, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _BOT,
        api.base_url,
        api.base_file_url,
        str(folder),
        TOKEN,
        stdin=asyncio.subprocess.PIPE,
    )


def _peak_memory_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    peak = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), None)
    return None if peak is None else int(peak) * 1024 / 1e6
