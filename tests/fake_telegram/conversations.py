"""The real conversation over a scripted inference. The fakes and their validators stay out: bots start fast."""

from functools import cache

from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.keeping import Vault
from bots.messages import Messages, load_messages
from db.database import Database
from guides import GuideBook, load_guides
from guides.things import ThingIndex, load_things
from inference.interface import Inference


@cache
def words() -> tuple[GuideBook, Messages, ThingIndex]:
    """Guides, messages and things, read once."""
    guides = load_guides()
    guides.load()
    return guides, load_messages(), load_things()


def conversation_with(
    inference: Inference, database: Database, *, vault: Vault | None = None, per_minute: int = 10_000
) -> Conversation:
    """The real conversation over a scripted inference."""
    guides, messages, things = words()
    options = ConversationOptions(per_user_per_minute=per_minute, per_chat_per_minute=per_minute)
    return Conversation(inference, guides, messages, things=things, memory=database, options=options, vault=vault)
