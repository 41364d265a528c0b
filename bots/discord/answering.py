"""Answers what the inbox holds: fetches photos, asks the conversation, sends the reply."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import assert_never

import discord
from pydantic import ValidationError

from bots.conversation import Conversation
from bots.discord import payload
from bots.discord.attachments import photo_reference
from bots.discord.files import PhotoGone, Photos
from bots.discord.payload import CommandAsked, MessageReceived, PhotoReference, PhotosAsked, PressAsked, WordsAsked
from bots.discord.sending import Delivery
from bots.platforms import Platform
from bots.postponement import Postponed
from bots.reply import Reply
from bots.request import CommandSent, PhotosSent, Request, Resident, Sender, read_press, read_text
from db.inbox import Entry
from inference.errors import DecodeError

_log = logging.getLogger(__name__)


class Answering:
    """The ``Handler`` of Discord's inbox. It works the same in the process that received an entry and in the next."""

    def __init__(
        self, client: Callable[[], discord.Client], conversation: Conversation, photos: Callable[[], Photos]
    ) -> None:
        """``client`` and ``photos`` give the present ones, for a lost client is replaced."""
        self._client = client
        self._conversation = conversation
        self._photos = photos
        self._delivery = Delivery(client)
        self._told: set[int] = set()

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Answer them; raises to have it tried again, ``Postponed`` once the resident knows of the wait."""
        for entry in entries:
            try:
                received = payload.read(entry.payload)
            except ValidationError:
                # No value of it may reach a log. Another attempt would read the same bytes.
                _log.error("the inbox holds an entry that this version cannot read: %s", entry.id)
                continue
            if await self.answer(received, is_again=entry.id in self._told):
                self._told.add(entry.id)
                raise Postponed
            self._told.discard(entry.id)

    async def answer(self, received: payload.Received, *, is_again: bool = False) -> bool:
        """Answer one event; whether it has to be asked again later, which the resident knows then.

        ``is_again`` says that it is: they were told before.

        Raises:
            PhotoNotFetched, PhotoGone, discord.DiscordException: another attempt may succeed.

        """
        async with self._typing(received):
            try:
                request = await self._request(received, is_again=is_again)
            except discord.NotFound:
                _log.info("a message was deleted before it was answered")
                return False
            resident = await self._conversation.resident(sender_of(received))
            reply = await self._conversation.reply(request, resident)
        if not (reply.is_postponed and is_again):
            await self._say(received, resident, reply)
        return reply.is_postponed

    async def busy(self, received: payload.Received) -> None:
        """Say that too many are waiting."""
        resident = await self._conversation.resident(sender_of(received))
        await self._say(received, resident, self._conversation.busy(resident))

    async def failed(self, received: payload.Received) -> None:
        """Say that there will be no answer."""
        resident = await self._conversation.resident(sender_of(received))
        await self._say(received, resident, self._conversation.failed(resident))

    async def give_up(self, entries: Sequence[Entry]) -> None:
        """Tell the residents that there will be no answer; never raises."""
        for entry in entries:
            self._told.discard(entry.id)
            try:
                await self.failed(payload.read(entry.payload))
            except Exception as error:
                # The type alone: an error's text may quote the entry.
                _log.warning("could not say that entry %s has failed: %s", entry.id, type(error).__name__)

    def lane(self, entry: Entry) -> str:
        """One resident's requests in one channel are answered in order; those of others beside them."""
        try:
            received = payload.read(entry.payload)
        except ValidationError:
            return entry.update_id
        return f"{received.channel}:{received.user}"

    def group(self, entry: Entry) -> str | None:
        """Discord's photos come together in one message: nothing to wait for."""
        return None

    async def _say(self, received: payload.Received, resident: Resident, reply: Reply) -> None:
        await self._delivery.deliver(received, reply, self._conversation.texts(resident.language))

    @asynccontextmanager
    async def _typing(self, received: payload.Received) -> AsyncIterator[None]:
        # An acknowledged interaction shows that Bunri is thinking; a message needs this.
        if not isinstance(received, MessageReceived):
            yield
            return
        channel = self._client().get_partial_messageable(received.channel, guild_id=received.guild)
        typing = channel.typing()
        try:
            await typing.__aenter__()
        except discord.DiscordException:
            yield
            return
        try:
            yield
        finally:
            await typing.__aexit__(None, None, None)

    async def _request(self, received: payload.Received, *, is_again: bool) -> Request:
        match received.asked:
            case PhotosAsked() as asked:
                started = time.perf_counter()
                photos = await self._fetched(received.channel, asked)
                fetch_ms = 1000 * (time.perf_counter() - started)
                return PhotosSent(photos, fetch_ms, can_wait=True, is_again=is_again)
            case WordsAsked(text=text):
                return read_text(text)
            case CommandAsked(command=command, argument=argument):
                return CommandSent(command, argument)
            case PressAsked(action=action):
                return read_press(action)
            case _:
                assert_never(received.asked)

    async def _fetched(self, channel: int, asked: PhotosAsked) -> tuple[bytes | DecodeError, ...]:
        try:
            return await self._all(asked.photos)
        except PhotoGone:
            if asked.message is None:
                raise
        # Addresses run out after a day; the message has fresh ones.
        message = await self._client().get_partial_messageable(channel).fetch_message(asked.message)
        wanted = {photo.id for photo in asked.photos}
        return await self._all([photo_reference(each) for each in message.attachments if each.id in wanted])

    async def _all(self, photos: Sequence[PhotoReference]) -> tuple[bytes | DecodeError, ...]:
        fetched = await asyncio.gather(*(self._photos().fetch(photo) for photo in photos), return_exceptions=True)
        # A photo that was refused is a value; what was raised makes the whole message wait for another attempt.
        for each in fetched:
            if isinstance(each, BaseException) and not isinstance(each, DecodeError):
                raise each
        return tuple(each for each in fetched if isinstance(each, bytes | DecodeError))


def sender_of(received: payload.Received) -> Sender:
    """Who asks, as the conversation wants to know it."""
    return Sender(
        platform=Platform.DISCORD,
        user=str(received.user),
        chat=str(received.channel),
        locale=received.locale,
        is_private=received.is_private,
    )
