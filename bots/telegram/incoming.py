"""A Telegram update -> what is asked of Bunri, or None where nothing is."""

import re
from dataclasses import dataclass
from typing import Final

from telegram import Message, Update
from telegram.constants import ChatType

from bots.request import Command
from bots.telegram.payload import HowAsked, PhotoAsked, PressAsked, Received, WordsAsked

ALLOWED_UPDATES: Final = ("message", "callback_query")
"""What Telegram is asked to send; edited messages are not among it, for they were answered once."""

_LONGEST_TEXT: Final = 1_200
"""Characters of a text that are kept: a report is the longest thing anybody writes."""

_COMMAND: Final = re.compile(r"/([a-zA-Z_]+)(?:@(\w+))?(?:\s|$)")
_CLASSIFY: Final = "classify"


@dataclass(frozen=True, slots=True)
class Me:
    """The bot, as Telegram knows it. ``sees_all`` says whether it may read along in groups."""

    id: int
    username: str
    sees_all: bool = False


def read_update(update: Update, me: Me, *, group_photos: bool = False) -> Received | None:
    """What is asked, in this order of cases.

    1. A pressed button.
    2. In a private chat: a photo or any file, a text, or something that is none of both: how to ask.
    3. In a group, where it is meant for Bunri: a command of ours; ``/classify`` or a mention, at a photo or as an
       answer to one; words that mention Bunri or answer it; every photo where that is switched on.
    4. Anything else is not for us.
    """
    query = update.callback_query
    if query is not None:
        message = query.message
        if not isinstance(message, Message) or query.data is None:
            return None
        asked = PressAsked(action=query.data[:64], callback=query.id)
        return _received(message, query.from_user.id, query.from_user.language_code, asked)
    message = update.message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    wanted = _in_private(message) if message.chat.type == ChatType.PRIVATE else _in_group(message, me, group_photos)
    if wanted is None:
        return None
    return _received(message, message.from_user.id, message.from_user.language_code, wanted)


def _received(
    message: Message, user: int, locale: str | None, asked: PhotoAsked | WordsAsked | PressAsked | HowAsked
) -> Received:
    return Received(
        chat=message.chat.id,
        message=message.message_id,
        thread=message.message_thread_id if message.is_topic_message else None,
        user=user,
        locale=locale,
        is_private=message.chat.type == ChatType.PRIVATE,
        album=message.media_group_id if isinstance(asked, PhotoAsked) else None,
        asked=asked,
    )


def _in_private(message: Message) -> PhotoAsked | WordsAsked | HowAsked | None:
    photo = _photo_of(message)
    if photo is not None:
        return photo
    if message.text:
        if _command_of(message.text) == _CLASSIFY:
            return _answered_photo(message) or HowAsked()
        return WordsAsked(text=message.text[:_LONGEST_TEXT])
    is_media = message.effective_attachment is not None
    return HowAsked() if is_media else None


def _in_group(message: Message, me: Me, group_photos: bool) -> PhotoAsked | WordsAsked | HowAsked | None:
    said = message.text or message.caption or ""
    command = _command_of(said, me)
    is_mentioned = f"@{me.username}".casefold() in said.casefold()
    photo = _photo_of(message)
    if photo is not None:
        is_meant = command == _CLASSIFY or is_mentioned or (group_photos and me.sees_all)
        return photo if is_meant or _answers(message, me) else None
    if command == _CLASSIFY or (is_mentioned and command is None and _answered_photo(message) is not None):
        return _answered_photo(message) or HowAsked()
    if command in list(Command):
        return WordsAsked(text=said[:_LONGEST_TEXT])
    if command is None and message.text and (is_mentioned or _answers(message, me)):
        words = re.sub(rf"@{re.escape(me.username)}\b", " ", said, flags=re.IGNORECASE).strip()
        return WordsAsked(text=words[:_LONGEST_TEXT]) if words else HowAsked()
    return None


def _command_of(text: str, me: Me | None = None) -> str | None:
    """The command that a text begins with, in small letters; "" for one that is meant for another bot."""
    match = _COMMAND.match(text)
    if match is None:
        return None
    if me is not None and match[2] and match[2].casefold() != me.username.casefold():
        return ""
    return match[1].lower()


def _answers(message: Message, me: Me) -> bool:
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == me.id


def _answered_photo(message: Message) -> PhotoAsked | None:
    return None if message.reply_to_message is None else _photo_of(message.reply_to_message)


def _photo_of(message: Message) -> PhotoAsked | None:
    """The largest size of a photo; or a document, whatever it says it is: the decoder reads what it is."""
    if message.photo:
        largest = message.photo[-1]
        return PhotoAsked(file_id=largest.file_id, size=largest.file_size)
    document = message.document
    if document is None or message.animation is not None:
        return None
    return PhotoAsked(file_id=document.file_id, size=document.file_size)
