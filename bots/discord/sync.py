"""Registers the commands with Discord, but only when they changed: Discord counts registrations."""

import hashlib
import json
import logging
from typing import Any, Protocol

import discord
from discord import app_commands

_log = logging.getLogger(__name__)


class Notes(Protocol):
    """Small facts that outlive the process."""

    async def get(self, key: str) -> str | None:
        """What was set last, or None."""
        ...

    async def set(self, key: str, value: str) -> None:
        """Remember it."""
        ...


async def sync_if_changed(tree: app_commands.CommandTree[Any], notes: Notes, dev_guild: int | None) -> bool:
    """Register the tree's commands unless the very same ones were registered last; whether it did.

    With ``dev_guild`` they go to that server alone, where they show at once.

    Raises:
        discord.HTTPException: Discord refused them.

    """
    guild = None if dev_guild is None else discord.Object(dev_guild)
    if guild is not None:
        tree.copy_global_to(guild=guild)
    key = f"discord-commands:{tree.client.application_id}:{dev_guild or 'everywhere'}"
    now = await _hash(tree, guild)
    if await notes.get(key) == now:
        return False
    synced = await tree.sync(guild=guild)
    await notes.set(key, now)
    _log.info("registered %d commands with Discord", len(synced))
    return True


async def _hash(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> str:
    commands = sorted(tree.get_commands(guild=guild), key=lambda each: (each.name, type(each).__name__))
    translator = tree.translator
    payloads = [
        each.to_dict(tree) if translator is None else await each.get_translated_payload(tree, translator)
        for each in commands
    ]
    return hashlib.sha256(json.dumps(payloads, sort_keys=True).encode()).hexdigest()
