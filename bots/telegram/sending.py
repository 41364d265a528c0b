"""Sends a reply to the chat it belongs to, with what Telegram may answer handled in one place."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bots.chat_layout import ChatMessage, chat_message
from bots.messages import Texts
from bots.reply import CardKind, Place, Reply
from bots.telegram.payload import PressAsked, Received
from bots.telegram.rendering import Rendered, joined, rendered

_log = logging.getLogger(__name__)

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_UNCHANGED: Final = "message is not modified"
_CAPTION_LIMIT: Final = 1024

_Send = Callable[[str, str | None], Awaitable[object]]


class Delivery:
    """Sends replies. It remembers nothing: what it needs lies in the request."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def deliver(self, received: Received, reply: Reply, texts: Texts) -> None:
        """Send it, in this order of cases.

        1. What was settled by a press in a private chat replaces the message with the button.
        2. Anything else is a message of its own; in a group, and below an album, as an answer to what was sent.

        A chat that was left, a bot that was blocked: logged without saying by whom, and done. A request that timed
        out may have arrived all the same; it is tried again, for a second answer is better than none.

        Raises:
            telegram.error.TelegramError: Telegram failed; another attempt may succeed.

        """
        messages = _messages(reply, texts)
        try:
            for place, message in enumerate(messages):
                if place == 0 and _replaces(received, reply):
                    await self._edit(received, rendered(message))
                else:
                    await self._send(received, rendered(message))
            for picture in reply.pictures:
                await self._bot.send_photo(
                    received.chat, picture.content, filename=picture.name, caption=picture.caption[:_CAPTION_LIMIT]
                )
        except Forbidden:
            _log.info("an answer was not sent: the bot was blocked or is not in the chat any more")
        except BadRequest as error:
            # Telegram will say the same to every further attempt.
            _log.error("an answer was refused: %s", error.message)

    async def acknowledge(self, press: PressAsked) -> None:
        """End the waiting sign on a pressed button. What goes wrong here goes wrong for the button only."""
        try:
            await self._bot.answer_callback_query(press.callback)
        except TelegramError as error:
            _log.debug("a press was not acknowledged: %s", type(error).__name__)

    async def _edit(self, received: Received, message: Rendered) -> None:
        async def edit(text: str, parse_mode: str | None) -> object:
            return await self._bot.edit_message_text(
                text,
                received.chat,
                received.message,
                parse_mode=parse_mode,
                reply_markup=message.keyboard,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            await _with_or_without_markup(edit, message)
        except BadRequest as error:
            if _UNCHANGED not in error.message.lower():
                # Deleted, too old, or a photo's caption: say it below.
                await self._send(received, message)

    async def _send(self, received: Received, message: Rendered) -> None:
        answers = not received.is_private or received.album is not None

        async def send_to(chat: int) -> None:
            async def send(text: str, parse_mode: str | None) -> object:
                arguments: dict[str, Any] = {}
                if answers:
                    arguments["reply_parameters"] = ReplyParameters(received.message, allow_sending_without_reply=True)
                return await self._bot.send_message(
                    chat,
                    text,
                    parse_mode=parse_mode,
                    reply_markup=message.keyboard,
                    link_preview_options=_NO_PREVIEW,
                    message_thread_id=received.thread,
                    **arguments,
                )

            await _with_or_without_markup(send, message)

        try:
            await send_to(received.chat)
        except ChatMigrated as moved:
            await send_to(moved.new_chat_id)


async def _with_or_without_markup(send: _Send, message: Rendered) -> None:
    try:
        await send(message.html, ParseMode.HTML)
    except BadRequest as error:
        if "parse entities" not in error.message.lower():
            raise
        _log.error("Telegram could not read our markup; the answer went out without it")
        await send(message.plain, None)


def _replaces(received: Received, reply: Reply) -> bool:
    return reply.place is Place.EDIT and received.is_private and isinstance(received.asked, PressAsked)


def _messages(reply: Reply, texts: Texts) -> list[ChatMessage]:
    """An album's cards in one message as far as it has room; the question of consent in one of its own."""
    about_photos = [chat_message(card, texts) for card in reply.cards if card.kind is not CardKind.CONSENT]
    others = [chat_message(card, texts) for card in reply.cards if card.kind is CardKind.CONSENT]
    return [*joined(about_photos), *others]
