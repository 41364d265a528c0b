"""The Telegram bot as ``bunri telegram`` runs it, but that its inference answers at once. Run as a program of its own.

``python -m bunri.benchmark.telegram_bot BOT_API FILES FOLDER TOKEN``: the two addresses of a Bot API, and the folder of
the database. It ends with its standard input. What it measures is everything around the model: receiving, the inbox on
disk, fetching the photo, the conversation, the log, the answer.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.messages import load_messages
from bots.telegram.adapter import TelegramAdapter
from bots.telegram.options import TelegramOptions
from db.database import Database
from db.migrate import upgrade
from db.secret import load_secret
from guides import load_guides
from guides.things import load_things
from inference.answer import Classification, Decision, LabelProbability, MadePicture
from inference.errors import GenerationUnavailable
from inference.labels import Label

_NO_LIMIT: Final = 1_000_000
"""Of messages a second and a minute: Telegram's pace is not what is measured."""


class ImmediateInference:
    """Every photo is paper, in no time."""

    async def classify(self, image: bytes) -> Classification:
        """See ``Inference``."""
        del image
        return Classification(
            label=Label.PAPER,
            confidence=0.97,
            top=(LabelProbability(Label.PAPER, 0.97), LabelProbability(Label.CARDBOARD, 0.02)),
            decision=Decision.ANSWER,
            candidates=(Label.PAPER,),
            hazards=(),
            waste_score=0.98,
            model="immediate-1",
        )

    async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        """See ``Inference``: there is no generator."""
        del label, count, seed
        raise GenerationUnavailable

    async def close(self) -> None:
        """See ``Inference``."""


async def serve(base_url: str, base_file_url: str, folder: Path, token: str) -> None:
    """Answer until standard input ends."""
    url = f"sqlite:///{folder / 'bunri.db'}"
    await upgrade(url)
    database = await Database.open(url, load_secret(folder / "secret.key"))
    guides, messages = load_guides(), load_messages()
    guides.load()
    conversation = Conversation(
        ImmediateInference(),
        guides,
        messages,
        things=load_things(),
        memory=database,
        options=ConversationOptions(per_user_per_minute=_NO_LIMIT, per_chat_per_minute=_NO_LIMIT),
    )
    options = TelegramOptions(
        token=token, base_url=base_url, base_file_url=base_file_url, messages_per_second=_NO_LIMIT
    )
    adapter = TelegramAdapter(options, conversation, messages, database)
    await adapter.start()
    try:
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await adapter.stop()
        await conversation.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
