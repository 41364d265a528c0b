"""Sends a reply to the chat it belongs to, with what Telegram may answer handled in one place."""

import asyncio
import html
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from telegram import Bot, InputMediaPhoto, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bots.chat_layout import ChatMessage, chat_message
from bots.messages import Texts
from bots.reply import CardKind, Picture, Place, Reply
from bots.telegram.payload import PressAsked, Received
from bots.telegram.rendering import Rendered, joined, rendered
from bots.utf16 import cut

_log = logging.getLogger(__name__)

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_UNCHANGED: Final = "message is not modified"
_CAPTION_LIMIT: Final = 1024
_MOST_IN_AN_ALBUM: Final = 10
"""Bot API, sendMediaGroup: 2 to 10."""

_ATTEMPTS: Final = 3
_LONGEST_WAIT_S: Final = 5.0
"""Of a wait between two attempts: somebody else's answer may wait for this worker."""

_Send = Callable[[str, str | None], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a reply.

    Attributes:
        send: sends it.
        say_unsent: says that it could not be sent, where there is something to say about that.

    """

    send: Callable[[], Awaitable[None]]
    say_unsent: Callable[[], Awaitable[None]] | None = None


@dataclass(slots=True)
class _Destination:
    """Where the parts of one reply go: a chat, a topic in it, and the message that they answer, if any."""

    chat: int
    thread: int | None
    answered: int | None

    def arguments(self) -> dict[str, Any]:
        """Of every method that sends."""
        found: dict[str, Any] = {"chat_id": self.chat, "message_thread_id": self.thread}
        if self.answered is not None:
            found["reply_parameters"] = ReplyParameters(self.answered, allow_sending_without_reply=True)
        return found

    def move(self, chat: int) -> None:
        """A group became a supergroup, in which the numbers of its messages mean others."""
        self.chat = chat
        self.answered = None


class Delivery:
    """Sends replies. It remembers nothing: what it needs lies in the request."""

    def __init__(self, bot: Bot, *, retry_s: float = 0.5) -> None:
        """``retry_s`` is how long a part that could not be sent waits before its second attempt, then twice that."""
        self._bot = bot
        self._retry_s = retry_s

    async def deliver(self, received: Received, reply: Reply, texts: Texts, *, is_late: bool = False) -> None:
        """Send it, in this order of cases.

        1. What was settled by a press in a private chat replaces the message with the button.
        2. Anything else is a message of its own; in a group, below an album, and where it comes late, as an answer to
           what was sent.

        Each part is tried a few times by itself. A chat that was left, a bot that was blocked: logged without saying
        by whom, and done. A request that timed out may have arrived all the same; it is tried again, for a second
        answer is better than none.

        Raises:
            telegram.error.TelegramError: Telegram failed before anything had arrived; another attempt may succeed.
                Once a part has arrived nothing is raised: the whole answer would be thought of and sent again.

        """
        has_arrived = False
        for number, part in enumerate(self._parts(received, reply, texts, is_late), start=1):
            try:
                await self._persist(part)
                has_arrived = True
            except Forbidden:
                _log.info("an answer was not sent: the bot was blocked or is not in the chat any more")
                return
            except BadRequest as error:
                # Telegram will say the same to every further attempt; the next part may be to its liking.
                _log.error("an answer was refused: %s", error.message)
                await self._say_unsent(part)
            except TelegramError as error:
                if not has_arrived:
                    raise
                _log.error("part %d of an answer was not sent: %s", number, type(error).__name__)
                await self._say_unsent(part)
                return

    async def acknowledge(self, press: PressAsked) -> None:
        """End the waiting sign on a pressed button. What goes wrong here goes wrong for the button only."""
        try:
            await self._bot.answer_callback_query(press.callback)
        except TelegramError as error:
            _log.debug("a press was not acknowledged: %s", type(error).__name__)

    async def _say_unsent(self, part: _Part) -> None:
        """A group may forbid photos, say: whoever waits for them is told. Never raises for what Telegram does."""
        if part.say_unsent is None:
            return
        try:
            await part.say_unsent()
        except TelegramError as error:
            _log.error("nor could that be said: %s", type(error).__name__)

    def _parts(self, received: Received, reply: Reply, texts: Texts, is_late: bool) -> Iterator[_Part]:
        is_answer = not received.is_private or received.album is not None or is_late
        to = _Destination(received.chat, received.thread, received.message if is_answer else None)
        for place, message in enumerate(_messages(reply, texts)):
            if place == 0 and _replaces(received, reply):
                yield _Part(partial(self._edit, received.message, to, rendered(message)))
            else:
                yield _Part(partial(self._send, to, rendered(message)))
        words = texts("generate-unsent")
        unsent = Rendered(html.escape(words, quote=False), words, None)
        for start in range(0, len(reply.pictures), _MOST_IN_AN_ALBUM):
            some = reply.pictures[start : start + _MOST_IN_AN_ALBUM]
            yield _Part(partial(self._send_pictures, to, some), partial(self._send, to, unsent))

    async def _persist(self, part: _Part) -> None:
        """Send a part, again where the network failed or Telegram wants a moment's peace."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await part.send()
                return
            except BadRequest:
                # A NetworkError to python-telegram-bot.
                raise
            except (NetworkError, RetryAfter) as error:
                wait = max(self._retry_s * 2 ** (attempt - 1), _wished_by(error))
                if attempt == _ATTEMPTS or wait > _LONGEST_WAIT_S:
                    raise
            await asyncio.sleep(wait)

    async def _edit(self, number: int, to: _Destination, message: Rendered) -> None:
        async def edit(text: str, parse_mode: str | None) -> object:
            return await self._bot.edit_message_text(
                text,
                to.chat,
                number,
                parse_mode=parse_mode,
                reply_markup=message.keyboard,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            await _with_or_without_markup(edit, message)
        except BadRequest as error:
            if _UNCHANGED not in error.message.lower():
                # Deleted, too old, or a photo's caption: say it below.
                await self._send(to, message)

    async def _send(self, to: _Destination, message: Rendered) -> None:
        async def send(text: str, parse_mode: str | None) -> object:
            return await self._bot.send_message(
                text=text,
                parse_mode=parse_mode,
                reply_markup=message.keyboard,
                link_preview_options=_NO_PREVIEW,
                **to.arguments(),
            )

        await _wherever_it_is(to, lambda: _with_or_without_markup(send, message))

    async def _send_pictures(self, to: _Destination, pictures: Sequence[Picture]) -> None:
        """One as a photo, several as an album."""

        async def send() -> object:
            if len(pictures) == 1:
                [one] = pictures
                caption = cut(one.caption, _CAPTION_LIMIT)
                return await self._bot.send_photo(
                    photo=one.content, filename=one.name, caption=caption, **to.arguments()
                )
            media = [
                InputMediaPhoto(each.content, caption=cut(each.caption, _CAPTION_LIMIT), filename=each.name)
                for each in pictures
            ]
            return await self._bot.send_media_group(media=media, **to.arguments())

        await _wherever_it_is(to, send)


async def _wherever_it_is(to: _Destination, send: Callable[[], Awaitable[object]]) -> None:
    try:
        await send()
    except ChatMigrated as moved:
        to.move(moved.new_chat_id)
        await send()


async def _with_or_without_markup(send: _Send, message: Rendered) -> None:
    try:
        await send(message.html, ParseMode.HTML)
    except BadRequest as error:
        if "parse entities" not in error.message.lower():
            raise
        _log.error("Telegram could not read our markup; the answer went out without it")
        await send(message.plain, None)


def _wished_by(error: TelegramError) -> float:
    """Seconds for which Telegram wants to be left in peace."""
    if not isinstance(error, RetryAfter):
        return 0.0
    wait = error.retry_after
    return wait if isinstance(wait, int | float) else wait.total_seconds()


def _replaces(received: Received, reply: Reply) -> bool:
    return reply.place is Place.EDIT and received.is_private and isinstance(received.asked, PressAsked)


def _messages(reply: Reply, texts: Texts) -> list[ChatMessage]:
    """An album's cards in one message as far as it has room; the question of consent in one of its own."""
    about_photos = [chat_message(card, texts) for card in reply.cards if card.kind is not CardKind.CONSENT]
    others = [chat_message(card, texts) for card in reply.cards if card.kind is CardKind.CONSENT]
    return [*joined(about_photos), *others]
