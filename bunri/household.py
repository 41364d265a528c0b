"""The parts that every adapter shares, opened together and closed in the right order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.messages import Messages, load_messages
from bunri.database_url import database_url
from bunri.settings import Settings
from bunri.vault_parts import prepare_keys, vault_parts
from bunri.wiring import open_inference
from db.database import Database
from db.migrate import upgrade
from db.retention import Retention
from db.secret import Secret, load_secret
from db.vault import PhotoVault
from guides import load_guides
from guides.things import ThingIndex, load_things
from inference.interface import Inference


@dataclass(frozen=True, slots=True)
class Household:
    """What adapters are made from."""

    inference: Inference
    conversation: Conversation
    messages: Messages
    things: ThingIndex
    database: Database
    vault: PhotoVault | None


async def open_database(settings: Settings) -> Database:
    """The database, its tables as this version wants them, its secret read or made.

    Raises:
        DatabaseError: it cannot be opened; one sentence says what to do.

    """
    secret = await asyncio.to_thread(_secret_of, settings)
    url = await asyncio.to_thread(database_url, settings.database)
    await upgrade(url)
    return await Database.open(url, secret)


@asynccontextmanager
async def open_household(settings: Settings, inference: Inference | None = None) -> AsyncIterator[Household]:
    """Open everything; on leaving, photos that are being kept are kept before the database closes.

    ``inference`` stands in for the classifier in this process; it is closed here, too.

    Raises:
        WeightsError, BackendUnavailable: of the classifier.
        DatabaseError: of the database.
        GuideFileError, MessageError: a file of words is faulty.

    """
    opened = inference or await open_inference(settings.inference)
    try:
        database = await open_database(settings)
        try:
            household = await _furnished(settings, opened, database)
            try:
                yield household
            finally:
                await household.conversation.close()
        finally:
            await database.close()
    finally:
        await opened.close()


def retention_of(settings: Settings) -> Retention:
    """How long what is kept."""
    return Retention(
        queries_days=settings.database.queries_days,
        reports_days=settings.database.reports_days,
        unreviewed_photos_days=settings.vault.unreviewed_days,
    )


def vault_of(settings: Settings, database: Database) -> PhotoVault:
    """Where kept photos lie, whether or not new ones are kept.

    Raises:
        StorageUnavailable, KeysUnusable: a setting is written wrongly.

    """
    return vault_parts(settings, database).vault


async def _open_vault(settings: Settings, database: Database) -> PhotoVault | None:
    """The vault, its keys there; None where no photos are kept."""
    if not settings.vault.keep_photos:
        return None
    parts = vault_parts(settings, database)
    await prepare_keys(parts, database)
    return parts.vault


async def _furnished(settings: Settings, inference: Inference, database: Database) -> Household:
    guides = load_guides()
    await asyncio.to_thread(guides.load)
    messages = await asyncio.to_thread(load_messages)
    things = await asyncio.to_thread(load_things)
    vault = await _open_vault(settings, database)
    conversation = Conversation(
        inference,
        guides,
        messages,
        things=things,
        memory=database,
        options=ConversationOptions(
            language=settings.language,
            region=settings.region,
            per_user_per_minute=settings.conversation.per_user_per_minute,
            per_chat_per_minute=settings.conversation.per_chat_per_minute,
            contact=settings.conversation.contact,
            discord_image_permission=settings.discord.image_permission,
        ),
        vault=vault,
    )
    return Household(inference, conversation, messages, things, database, vault)


def _secret_of(settings: Settings) -> Secret:
    if settings.database.secret is not None:
        return Secret.from_text(settings.database.secret.get_secret_value())
    return load_secret(settings.database.secret_file)
