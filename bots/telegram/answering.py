"""Answers what the inbox holds: fetches photos, asks the conversation, sends the reply."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, assert_never

from pydantic import ValidationError
from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bots.conversation import Conversation
from bots.platforms import Platform
from bots.postponement import Postponed
from bots.reply import Reply
from bots.request import PhotosSent, Request, Resident, Sender, read_press, read_text
from bots.telegram import payload
from bots.telegram.files import PhotoGone, Photos
from bots.telegram.payload import HowAsked, PhotoAsked, PressAsked, Received, WordsAsked
from bots.telegram.sending import Delivery
from db.inbox import Entry
from inference.errors import DecodeError

_log = logging.getLogger(__name__)

_TYPING_AFTER_S: Final = 0.7
_TYPING_EVERY_S: Final = 4.5
"""Telegram shows a chat action for five seconds (Bot API, sendChatAction)."""


class Answering:
    """The ``Handler`` of Telegram's inbox. It works the same in the process that received an entry and in the next."""

    def __init__(self, bot: Bot, conversation: Conversation, photos: Photos, *, retry_s: float = 0.5) -> None:
        """``retry_s`` is how long a part of an answer that could not be sent waits before it is sent again."""
        self._bot = bot
        self._conversation = conversation
        self._photos = photos
        self._delivery = Delivery(bot, retry_s=retry_s)
        self._told: set[int] = set()

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Answer them; raises to have it tried again, ``Postponed`` once the resident knows of the wait.

        An album in a group is answered whole where one part of it asks for Bunri, and else not looked at.
        """
        all_received = [received for received in map(_read, entries) if received is not None]
        asking = _asking(all_received)
        if asking is None:
            return
        if isinstance(asking.asked, PressAsked):
            await self._delivery.acknowledge(asking.asked)
        is_again = entries[0].id in self._told
        if is_again:
            resident = await self._conversation.resident(sender_of(asking))
            reply = await self._reply(asking, all_received, resident, is_again=True)
        else:
            async with self._typing(asking):
                resident = await self._conversation.resident(sender_of(asking))
                reply = await self._reply(asking, all_received, resident)
        if not (reply.is_postponed and is_again):
            texts = self._conversation.texts(resident.language)
            await self._delivery.deliver(asking, reply, texts, is_late=is_again)
        if reply.is_postponed:
            self._told.add(entries[0].id)
            raise Postponed
        self._told.discard(entries[0].id)

    async def give_up(self, entries: Sequence[Entry]) -> None:
        """Tell the resident that there will be no answer; never raises."""
        self._told.discard(entries[0].id)
        asking = _asking([received for received in map(_read, entries) if received is not None])
        if asking is None:
            return
        try:
            resident = await self._conversation.resident(sender_of(asking))
            reply = self._conversation.failed(resident)
            await self._delivery.deliver(asking, reply, self._conversation.texts(resident.language))
        except Exception as error:
            # The type alone: an error's text may quote the entry.
            _log.warning("could not say that entry %d has failed: %s", entries[0].id, type(error).__name__)

    def lane(self, entry: Entry) -> str:
        """One resident's updates in one chat are answered in order; those of others beside them."""
        received = _read(entry)
        return entry.update_id if received is None else f"{received.chat}:{received.user}"

    def group(self, entry: Entry) -> str | None:
        """The photos of an album come one by one, and no mark says which is the last."""
        received = _read(entry)
        return None if received is None else received.album

    async def _reply(
        self, asking: Received, album: Sequence[Received], resident: Resident, *, is_again: bool = False
    ) -> Reply:
        photos = [each.asked for each in album if isinstance(each.asked, PhotoAsked)]
        if photos:
            started = time.perf_counter()
            fetched = await self._fetched(photos)
            if not fetched:
                return self._conversation.failed(resident)
            fetch_ms = (time.perf_counter() - started) * 1000
            request: Request = PhotosSent(fetched, fetch_ms, can_wait=True, is_again=is_again)
            return await self._conversation.reply(request, resident)
        asked = asking.asked
        match asked:
            case WordsAsked(text=text):
                return await self._conversation.reply(read_text(text), resident)
            case PressAsked(action=action):
                return await self._conversation.reply(read_press(action), resident)
            case HowAsked():
                return self._conversation.how_to_classify(resident)
            case PhotoAsked():
                raise AssertionError("photos are handled above")
            case _:
                assert_never(asked)

    async def _fetched(self, photos: Sequence[PhotoAsked]) -> tuple[bytes | DecodeError, ...]:
        """The photos that are still there, all fetched side by side; none goes on alone when another fails."""
        results = await asyncio.gather(*map(self._photos.fetch, photos), return_exceptions=True)
        fetched: list[bytes | DecodeError] = []
        for result in results:
            if isinstance(result, PhotoGone):
                _log.info("a photo was not there any more")
            elif isinstance(result, bytes | DecodeError):
                fetched.append(result)
            else:
                raise result
        return tuple(fetched)

    @asynccontextmanager
    async def _typing(self, received: Received) -> AsyncIterator[None]:
        """Show that Bunri is at it, once that takes longer than a moment."""
        task = asyncio.create_task(self._show_typing(received), name="typing")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _show_typing(self, received: Received) -> None:
        await asyncio.sleep(_TYPING_AFTER_S)
        while True:
            try:
                await self._bot.send_chat_action(received.chat, ChatAction.TYPING, message_thread_id=received.thread)
            except TelegramError:
                return
            await asyncio.sleep(_TYPING_EVERY_S)


def sender_of(received: Received) -> Sender:
    """Who asks, as the conversation wants to know it."""
    return Sender(
        platform=Platform.TELEGRAM,
        user=str(received.user),
        chat=str(received.chat),
        locale=received.locale,
        is_private=received.is_private,
    )


def _asking(album: Sequence[Received]) -> Received | None:
    """The first one that asks for Bunri: it is the one to answer."""
    return next((received for received in album if received.is_meant), None)


def _read(entry: Entry) -> Received | None:
    try:
        return payload.read(entry.payload)
    except ValidationError:
        # No value of it may reach a log. Another attempt would read the same bytes.
        _log.error("the inbox holds an entry that this version cannot read: %d", entry.id)
        return None
