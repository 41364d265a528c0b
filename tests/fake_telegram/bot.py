"""The Telegram adapter with a real database and scripted answers, against a fake Bot API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bots.keeping import Vault
from bots.telegram.adapter import TelegramAdapter
from bots.telegram.options import TelegramOptions
from db.database import Database
from db.migrate import upgrade
from inference.interface import Inference
from tests.databases import SECRET
from tests.fake_telegram.conversations import conversation_with, words
from tests.fake_telegram.server import FakeTelegram


def options_for(telegram: FakeTelegram, **chosen: Any) -> TelegramOptions:
    """Options that leave out the waiting of real service."""
    defaults: dict[str, Any] = {
        "token": telegram.token,
        "base_url": telegram.base_url,
        "base_file_url": telegram.base_file_url,
        "poll_seconds": 5,
        "album_quiet_s": 0.15,
        "retry_s": 0.02,
        "messages_per_second": 10_000,
        "messages_per_group_minute": 10_000,
    }
    return TelegramOptions(**(defaults | chosen))


@asynccontextmanager
async def running_bot(
    telegram: FakeTelegram,
    inference: Inference,
    folder: Path,
    *,
    vault: Vault | None = None,
    per_minute: int = 10_000,
    **chosen: Any,
) -> AsyncIterator[tuple[TelegramAdapter, Database]]:
    """The adapter, started; the database in the folder outlives it."""
    url = f"sqlite:///{folder / 'bunri.sqlite3'}"
    await upgrade(url)
    database = await Database.open(url, SECRET)
    conversation = conversation_with(inference, database, vault=vault, per_minute=per_minute)
    adapter = TelegramAdapter(options_for(telegram, **chosen), conversation, words()[1], database, wait_s=0.02)
    try:
        await adapter.start()
        yield adapter, database
    finally:
        await adapter.stop(5)
        await conversation.close()
        await database.close()


__all__ = ["conversation_with", "options_for", "running_bot", "words"]
