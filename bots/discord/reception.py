"""What Bunri reacts to, and what it keeps of it: events of discord.py in, ``Received`` out."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import discord
from discord.app_commands import Choice

from bots.discord.attachments import is_image, photo_reference
from bots.discord.options import DiscordOptions
from bots.discord.payload import (
    DEFAULT_UPLOAD_LIMIT,
    Asked,
    CommandAsked,
    InteractionReceived,
    MessageReceived,
    PhotosAsked,
    PressAsked,
    Received,
    WordsAsked,
)
from bots.discord.suggestions import Suggestions
from bots.request import Command

_log = logging.getLogger(__name__)

_Interaction = discord.Interaction[Any]

MOST_PHOTOS: Final = 10
"""Of one message: as many as Discord lets one have."""

LONGEST_TEXT: Final = 200
"""Characters kept of a text; no thing has a longer name."""

_CONVERSED: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


class Reception:
    """Decides which events are for Bunri. Everything it takes goes to ``take``, which makes it durable."""

    def __init__(
        self, options: DiscordOptions, suggestions: Suggestions, take: Callable[[Received], Awaitable[None]]
    ) -> None:
        self._options = options
        self._suggestions = suggestions
        self._take = take

    async def message(self, message: discord.Message, me: discord.ClientUser) -> None:
        """React to a message, in this order of cases.

        1. Other bots, webhooks, and what Discord itself writes: never.
        2. A direct message, a mention of Bunri, or a reply to it: its attachments; else, where it is empty but
           replies to a message with images, those; else its words.
        3. A message in one of the chosen channels: its images.
        """
        if message.author.bot or message.webhook_id is not None or message.type not in _CONVERSED:
            return
        if message.guild is None or _is_for(message, me):
            asked = _addressed(message, me)
        elif _channels(message) & self._options.channels:
            asked = _photos(message, [each for each in message.attachments if is_image(each)])
        else:
            return
        if asked is None:
            return
        await self._take(
            MessageReceived(
                id=message.id,
                channel=message.channel.id,
                guild=message.guild.id if message.guild else None,
                user=message.author.id,
                locale=_locale(message.guild),
                upload_limit=message.guild.filesize_limit if message.guild else DEFAULT_UPLOAD_LIMIT,
                asked=asked,
            )
        )

    async def commanded(self, interaction: _Interaction, command: Command, argument: str, *, ephemeral: bool) -> None:
        """See ``CommandTaker``."""
        await self._interaction(interaction, CommandAsked(command=command, argument=argument), ephemeral=ephemeral)

    async def shown(self, interaction: _Interaction, photos: list[discord.Attachment], message: int | None) -> None:
        """See ``CommandTaker``."""
        references = tuple(photo_reference(each) for each in photos[:MOST_PHOTOS])
        await self._interaction(interaction, PhotosAsked(photos=references, message=message), ephemeral=False)

    async def pressed(self, interaction: _Interaction, action: str) -> None:
        """A button or an entry of a menu: acknowledge, then take it."""
        await interaction.response.defer()
        message = interaction.message
        is_ephemeral = message is not None and message.flags.ephemeral
        asked = PressAsked(action=action, is_for_presser=is_ephemeral or _answered(message) == interaction.user.id)
        await self._interaction(interaction, asked, ephemeral=is_ephemeral)

    def things(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """See ``CommandTaker``."""
        return self._suggestions.things(typed, str(interaction.locale))

    def kinds(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """See ``CommandTaker``."""
        return self._suggestions.kinds(typed, str(interaction.locale))

    def places(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """See ``CommandTaker``."""
        return self._suggestions.places(typed, str(interaction.locale))

    async def _interaction(self, interaction: _Interaction, asked: Asked, *, ephemeral: bool) -> None:
        await self._take(
            InteractionReceived(
                id=interaction.id,
                application=interaction.application_id,
                token=interaction.token,
                channel=interaction.channel_id or 0,
                guild=interaction.guild_id,
                user=interaction.user.id,
                locale=str(interaction.locale),
                is_direct=interaction.guild_id is None,
                is_ephemeral=ephemeral,
                upload_limit=interaction.filesize_limit,
                asked=asked,
            )
        )


def _is_for(message: discord.Message, me: discord.ClientUser) -> bool:
    replied = message.reference.resolved if message.reference else None
    return me in message.mentions or (isinstance(replied, discord.Message) and replied.author.id == me.id)


def _addressed(message: discord.Message, me: discord.ClientUser) -> Asked | None:
    if message.attachments:
        return _photos(message, message.attachments)
    words = message.content.replace(f"<@{me.id}>", " ").replace(f"<@!{me.id}>", " ").strip()
    replied = message.reference.resolved if message.reference else None
    if not words and isinstance(replied, discord.Message):
        images = [each for each in replied.attachments if is_image(each)]
        if images:
            return _photos(replied, images)
    if words:
        return WordsAsked(text=words[:LONGEST_TEXT])
    # Stickers, polls and the like hold no words; a bare mention asks what Bunri can do.
    return CommandAsked(command=Command.HELP) if me in message.mentions else None


def _photos(message: discord.Message, attachments: list[discord.Attachment]) -> PhotosAsked | None:
    references = tuple(photo_reference(each) for each in attachments[:MOST_PHOTOS])
    return PhotosAsked(photos=references, message=message.id) if references else None


def _channels(message: discord.Message) -> frozenset[int]:
    parent = message.channel.parent_id if isinstance(message.channel, discord.Thread) else message.channel.id
    return frozenset({message.channel.id, parent})


def _locale(guild: discord.Guild | None) -> str | None:
    # Only a community chose its language; others state en-US whatever they speak. People's own language comes
    # with interactions alone.
    return str(guild.preferred_locale) if guild is not None and "COMMUNITY" in guild.features else None


def _answered(message: discord.Message | None) -> int | None:
    """Whom a message of Bunri's answered, as far as Discord says."""
    if message is None:
        return None
    if message.interaction_metadata is not None:
        return message.interaction_metadata.user.id
    replied = message.reference.resolved if message.reference else None
    return replied.author.id if isinstance(replied, discord.Message) else None
