"""The Telegram bot as a process of its own, to be killed: ``python -m tests.fake_telegram.process BOT FILES FOLDER``.

BOT and FILES are the fake Bot API's two addresses; the database is in FOLDER. Every photo is paper.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from bots.telegram.adapter import TelegramAdapter
from bots.telegram.options import TelegramOptions
from db.database import Database
from db.migrate import upgrade
from inference.labels import Label
from tests.databases import SECRET
from tests.fake_telegram.bot import conversation_with, words
from tests.fake_telegram.server import TOKEN
from tests.scripted_inference import ScriptedInference, verdict

UNLIMITED: Final = 10_000.0


async def serve(base_url: str, base_file_url: str, folder: Path, *, workers: int = 8) -> None:
    """Answer until the process ends."""
    url = f"sqlite:///{folder / 'bunri.sqlite3'}"
    await upgrade(url)
    database = await Database.open(url, SECRET)
    options = TelegramOptions(
        token=TOKEN,
        base_url=base_url,
        base_file_url=base_file_url,
        workers=workers,
        messages_per_second=UNLIMITED,
        messages_per_group_minute=UNLIMITED,
    )
    conversation = conversation_with(ScriptedInference(otherwise=verdict(Label.PAPER)), database)
    adapter = TelegramAdapter(options, conversation, words()[1], database)
    await adapter.start()
    await adapter.run()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
