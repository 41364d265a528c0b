"""The connection to Discord: which events it asks for, and where they go."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import Choice

from bots.discord.buttons import DYNAMIC_ITEMS
from bots.discord.commands import PRIVATE, add_commands
from bots.discord.options import DiscordOptions
from bots.discord.reception import Reception
from bots.discord.translation import MessageTranslator
from bots.messages import Messages
from bots.request import Command

_log = logging.getLogger(__name__)

_Interaction = discord.Interaction[Any]

LONGEST_RATE_LIMIT_SECONDS: Final = 60.0
"""A longer wait raises ``discord.RateLimited``, so that it does not hold a worker."""


def intents_of(options: DiscordOptions) -> discord.Intents:
    """What Bunri asks Discord to tell it.

    - guilds: channels and permissions, without which discord.py knows no server.
    - guild_messages: mentions of Bunri, replies to it, and images in the chosen channels.
    - dm_messages: direct messages.
    - message_content, privileged, by setting: attachments in the chosen channels. Commands, the menu entry,
      direct messages and mentions work without it.
    """
    intents = discord.Intents.none()
    intents.guilds = True
    intents.guild_messages = True
    intents.dm_messages = True
    intents.message_content = options.message_content
    return intents


class Connection:
    """Since when parts of the gateway connection are lost: nothing else is remembered between events."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lost: dict[int, float] = {}

    def lost(self, shard: int = 0) -> None:
        """A connection broke; one that is lost already stays lost since then."""
        self._lost.setdefault(shard, self._clock())

    def found(self, shard: int = 0) -> None:
        """It is back."""
        self._lost.pop(shard, None)

    def longest_lost(self, now: float) -> float:
        """For how many seconds the longest lost one has been so; 0.0 where all are there."""
        return max((now - since for since in self._lost.values()), default=0.0)


class BunriClient(discord.Client):
    """One gateway connection."""

    def __init__(
        self,
        options: DiscordOptions,
        reception: Reception,
        messages: Messages,
        connection: Connection,
        set_up: Callable[["BunriClient"], Awaitable[None]] | None = None,
        **given: Any,
    ) -> None:
        """``set_up`` runs once, logged in and not yet connected: commands are registered there."""
        super().__init__(
            intents=intents_of(options),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_RATE_LIMIT_SECONDS,
            # Bunri reads nobody's profile and keeps no history.
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            **given,
        )
        self._reception = reception
        self._messages = messages
        self._lost = connection
        self._set_up = set_up
        self.tree: Final = app_commands.CommandTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self.tree.error(self.on_command_error)
        add_commands(self.tree, self, messages)

    async def setup_hook(self) -> None:
        """Called by discord.py between login and connection."""
        self.add_dynamic_items(*DYNAMIC_ITEMS)
        await self.tree.set_translator(MessageTranslator(self._messages))
        if self._set_up is not None:
            await self._set_up(self)

    async def on_message(self, message: discord.Message) -> None:
        """Called by discord.py."""
        if self.user is not None:
            await self._reception.message(message, self.user)

    async def on_disconnect(self) -> None:
        """Called by discord.py."""
        self._lost.lost()

    async def on_connect(self) -> None:
        """Called by discord.py; again after a connection that could not be resumed."""
        self._lost.found()

    async def on_ready(self) -> None:
        """Called by discord.py once it knows the servers."""
        _log.info("connected to Discord; in %d servers", len(self.guilds))

    async def on_resumed(self) -> None:
        """Called by discord.py."""
        self._lost.found()

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Called by discord.py in the handler of an error: its arguments hold messages, so they are not shown."""
        _log.exception("an event was not taken: %s", event_method)

    async def on_command_error(self, interaction: _Interaction, error: app_commands.AppCommandError) -> None:
        """An interaction could not be acknowledged or taken."""
        _report_failure(getattr(error, "original", error))

    async def pressed(self, interaction: _Interaction, action: str) -> None:
        """See ``PressTaker``."""
        try:
            await self._reception.pressed(interaction, action)
        except Exception as error:
            _report_failure(error)

    async def commanded(self, interaction: _Interaction, command: Command, argument: str) -> None:
        """See ``CommandTaker``."""
        await self._reception.commanded(interaction, command, argument, ephemeral=command in PRIVATE)

    async def shown(self, interaction: _Interaction, photos: list[discord.Attachment], message: int | None) -> None:
        """See ``CommandTaker``."""
        await self._reception.shown(interaction, photos, message)

    async def things(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """See ``CommandTaker``."""
        return self._reception.things(interaction, typed)

    async def kinds(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """See ``CommandTaker``."""
        return self._reception.kinds(interaction, typed)

    async def places(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """See ``CommandTaker``."""
        return self._reception.places(interaction, typed)


class ShardedBunriClient(BunriClient, discord.AutoShardedClient):
    """As many gateway connections as Discord recommends."""

    async def on_disconnect(self) -> None:
        """Says not which; the event of the shard does."""

    async def on_connect(self) -> None:
        """Says not which; the event of the shard does."""

    async def on_resumed(self) -> None:
        """Says not which; the event of the shard does."""

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Called by discord.py."""
        self._lost.lost(shard_id)

    async def on_shard_connect(self, shard_id: int) -> None:
        """Called by discord.py."""
        self._lost.found(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Called by discord.py."""
        self._lost.found(shard_id)


def _report_failure(error: BaseException) -> None:
    if isinstance(error, discord.NotFound):
        # Acknowledged too late, or twice: Discord shows the resident that it failed.
        _log.info("Discord no longer knows an interaction (code %d)", error.code)
    else:
        _log.error("an interaction was not taken", exc_info=error)
