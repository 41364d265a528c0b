"""The Telegram bot as a process of its own, to be killed.

``python -m tests.fake_telegram.process BOT FILES FOLDER TOKEN``: BOT and FILES are the fake Bot API's
two addresses; the database is in FOLDER. Every photo is paper.
"""

import asyncio
import sys
from pathlib import Path

from bots.telegram.adapter import TelegramAdapter
from bots.telegram.options import TelegramOptions
from db.database import Database
from db.migrate import upgrade
from inference.labels import Label
from tests.databases import SECRET
from tests.fake_telegram.conversations import conversation_with, words
from tests.scripted_inference import ScriptedInference, verdict


async def serve(base_url: str, base_file_url: str, folder: Path, token: str) -> None:
    """Answer until the process ends."""
    url = f"sqlite:///{folder / 'bunri.sqlite3'}"
    await upgrade(url)
    database = await Database.open(url, SECRET)
    # The pace is the one of service: how many answers are under way when the process dies depends on it.
    options = TelegramOptions(token=token, base_url=base_url, base_file_url=base_file_url)
    conversation = conversation_with(ScriptedInference(otherwise=verdict(Label.PAPER)), database)
    adapter = TelegramAdapter(options, conversation, words()[1], database)
    await adapter.start()
    await adapter.run()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
