"""Sends a reply to where its request came from: into the channel, or through the token of an interaction."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bots.chat_layout import chat_message
from bots.discord.payload import InteractionReceived, MessageReceived, PressAsked, Received
from bots.discord.pictures import files_of, fitted_pictures
from bots.discord.rendering import Rendered, plain, rendered
from bots.messages import Texts
from bots.reply import Picture, Place, Reply

_log = logging.getLogger(__name__)

_NOBODY: Final = discord.AllowedMentions.none()


class _Original:
    """The acknowledgement of an interaction, where discord.py wants the id of a message.

    It percent-encodes text, which would make another path of it; other things it writes as they are.
    """

    def __str__(self) -> str:
        return "@original"


_ORIGINAL: Final[Any] = _Original()

_TOO_LARGE: Final = 40005
_UNKNOWN_CHANNEL: Final = 10003
_UNKNOWN_MESSAGE: Final = 10008
_UNKNOWN_WEBHOOK: Final = 10015
_UNKNOWN_INTERACTION: Final = 10062
_INVALID_WEBHOOK_TOKEN: Final = 50027
"""Discord's error codes (opcodes and status codes)."""

_SHRINKING_ATTEMPTS: Final = 3
_NOTHING: Final = Rendered(None, None, None)
"""Pictures without words."""


@dataclass(frozen=True, slots=True)
class Route:
    """How an interaction is answered.

    Attributes:
        replaces: the first message goes into the acknowledgement, for a press: into the message with the button.
        is_hidden: the other messages are shown to the asker alone.
        takes_back: the acknowledgement is deleted first.

    """

    replaces: bool
    is_hidden: bool
    takes_back: bool = False


def route(received: InteractionReceived, reply: Reply) -> Route:
    """How to answer, in this order of cases.

    1. A press in a message that others see: an answer that is private, or that is not for the one who was
       answered there, is shown to the presser alone, and the message stays as it is.
    2. Another press: where the reply wants to be.
    3. A command whose acknowledgement everybody sees, but whose answer is private: the acknowledgement, whose
       visibility cannot be changed, is taken back.
    4. Another command: in place of its acknowledgement.
    """
    if isinstance(received.asked, PressAsked):
        if not received.is_private and (reply.is_private or not received.asked.is_for_presser):
            return Route(replaces=False, is_hidden=True)
        return Route(replaces=reply.place is Place.EDIT and bool(reply.cards), is_hidden=received.is_ephemeral)
    if reply.is_private and not received.is_private:
        return Route(replaces=False, is_hidden=True, takes_back=True)
    return Route(replaces=True, is_hidden=received.is_ephemeral)


class Delivery:
    """Sends replies. It remembers nothing: what it needs lies in the request."""

    def __init__(self, client: Callable[[], discord.Client]) -> None:
        """``client`` gives the present one."""
        self._client = client

    async def deliver(self, received: Received, reply: Reply, texts: Texts) -> None:
        """Send it where it belongs, in this order of cases.

        1. A message is answered below itself.
        2. An interaction is answered through its token while that lives.
        3. Afterwards as a message in the channel, unless others would read what is private: then not at all.

        Raises:
            discord.DiscordException: Discord failed; another attempt may succeed. What no attempt can mend (the
                channel is gone, the right to write is missing) is logged and not raised.

        """
        messages = [rendered(chat_message(card, texts)) for card in reply.cards]
        if not messages and reply.toast:
            messages = [plain(reply.toast)]
        if isinstance(received, MessageReceived):
            await self._to_channel(received, messages, reply.pictures, below=received.id, is_word=reply.is_postponed)
            return
        try:
            if received.is_answerable():
                await self._to_interaction(received, messages, reply)
                return
        except discord.HTTPException as error:
            if error.code not in {_UNKNOWN_INTERACTION, _UNKNOWN_WEBHOOK, _INVALID_WEBHOOK_TOKEN}:
                raise
        if received.is_direct or not (received.is_ephemeral or reply.is_private):
            await self._to_channel(received, messages, reply.pictures, below=None)
        else:
            _log.info("an answer that only its asker may see came too late: Discord takes it for 15 minutes")

    async def _to_interaction(self, received: InteractionReceived, messages: list[Rendered], reply: Reply) -> None:
        hook = self._hook(received)
        if not messages and not reply.pictures:
            if not isinstance(received.asked, PressAsked):
                await hook.delete_message(_ORIGINAL)
            return
        way = route(received, reply)
        if way.takes_back:
            await hook.delete_message(_ORIGINAL)
        for place, message in enumerate(messages or [_NOTHING]):
            attached = reply.pictures if place == max(len(messages) - 1, 0) else ()
            send = _editing(hook, message) if place == 0 and way.replaces else _following(hook, message, way.is_hidden)
            await self._fitting(attached, received.upload_limit, send)

    async def _to_channel(
        self,
        received: Received,
        messages: list[Rendered],
        pictures: Sequence[Picture],
        *,
        below: int | None,
        is_word: bool = False,
    ) -> None:
        channel = self._client().get_partial_messageable(received.channel, guild_id=received.guild)
        if not messages and pictures:
            messages = [_NOTHING]
        for place, message in enumerate(messages):
            attached = pictures if place == len(messages) - 1 else ()
            reference = None
            if below is not None and place == 0 and received.guild is not None:
                reference = discord.MessageReference(
                    message_id=below, channel_id=received.channel, fail_if_not_exists=False
                )
            try:
                await self._fitting(
                    attached,
                    received.upload_limit,
                    # Discord drops a second message with the same nonce within minutes: a crash between sending
                    # and writing down that it was sent leaves no duplicate. Word of a wait is another message than
                    # the answer, which may follow it within those minutes.
                    _posting(channel, message, reference, f"{received.id}-{'w' if is_word else ''}{place}"),
                )
            except (discord.Forbidden, discord.NotFound) as error:
                if isinstance(error, discord.NotFound) and error.code not in {_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE}:
                    raise
                _log.warning(
                    "Discord refused an answer (code %d): Bunri needs the permissions View Channel, Send Messages, "
                    "Send Messages in Threads, Embed Links, Attach Files and Read Message History there",
                    error.code,
                )
                return

    async def _fitting(
        self, pictures: Sequence[Picture], limit: int, send: Callable[[list[discord.File]], Awaitable[None]]
    ) -> None:
        """Send with the pictures below the limit, and smaller still where Discord says that it is lower."""
        for attempt in range(_SHRINKING_ATTEMPTS):
            fitted = await fitted_pictures(pictures, limit)
            try:
                await send(files_of(fitted))
                return
            except discord.HTTPException as error:
                is_too_large = error.status == 413 or error.code == _TOO_LARGE
                if not (pictures and is_too_large) or attempt == _SHRINKING_ATTEMPTS - 1:
                    raise
                limit = max(len(each.content) for each in fitted) // 2

    def _hook(self, received: InteractionReceived) -> discord.Webhook:
        hook = discord.Webhook.partial(received.application, received.token, client=self._client())
        # An interaction's token is a webhook of the application, for which discord.py has no public constructor.
        hook.type = discord.WebhookType.application
        return hook


def _editing(hook: discord.Webhook, message: Rendered) -> Callable[[list[discord.File]], Awaitable[None]]:
    async def send(files: list[discord.File]) -> None:
        await hook.edit_message(
            _ORIGINAL,
            content=message.content,
            embeds=[message.embed] if message.embed else [],
            view=message.view,
            attachments=files,
            allowed_mentions=_NOBODY,
        )

    return send


def _following(
    hook: discord.Webhook, message: Rendered, is_hidden: bool
) -> Callable[[list[discord.File]], Awaitable[None]]:
    async def send(files: list[discord.File]) -> None:
        await hook.send(**_parts(message, files), ephemeral=is_hidden, allowed_mentions=_NOBODY)

    return send


def _posting(
    channel: discord.PartialMessageable, message: Rendered, reference: discord.MessageReference | None, nonce: str
) -> Callable[[list[discord.File]], Awaitable[None]]:
    async def send(files: list[discord.File]) -> None:
        parts = _parts(message, files)
        if reference is not None:
            parts |= {"reference": reference, "mention_author": False}
        await channel.send(**parts, nonce=nonce, allowed_mentions=_NOBODY)

    return send


def _parts(message: Rendered, files: list[discord.File]) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "content": message.content,
        "embed": message.embed,
        "view": message.view,
        "files": files,
    }
    return {name: part for name, part in parts.items() if part}
