"""A Telegram update -> what is asked of Bunri, or None where nothing is."""

import re
from dataclasses import dataclass
from typing import Final

from telegram import Message, Update, User
from telegram.constants import ChatType

from bots.request import Command
from bots.telegram.payload import HowAsked, PhotoAsked, PressAsked, Received, WordsAsked

ALLOWED_UPDATES: Final = ("message", "callback_query")
"""What Telegram is asked to send; edited messages are not among it, for they were answered once."""

_LONGEST_TEXT: Final = 1_200
"""Characters of a text that are kept: a report is the longest thing anybody writes."""

_COMMAND: Final = re.compile(r"/([a-zA-Z_]+)(?:@(\w+))?(?:\s|$)")
_CLASSIFY: Final = "classify"
_OF_ANOTHER_BOT: Final = "@"


@dataclass(frozen=True, slots=True)
class Me:
    """The bot, as Telegram knows it. ``sees_all`` says whether it may read along in groups."""

    id: int
    username: str
    sees_all: bool = False


def read_update(update: Update, me: Me, *, group_photos: bool = False) -> Received | None:
    """What is asked, in this order of cases.

    1. A pressed button.
    2. What a bot wrote, or somebody in the name of a group or channel, is not for us: of those nobody could be told
       apart from others.
    3. In a private chat: a photo or any file, a text, or something that is none of both: how to ask.
    4. In a group, where it is meant for Bunri: a command of ours; ``/classify`` or a mention, at a photo or as an
       answer to one; words that mention Bunri or answer it; every photo where that is switched on.
    5. Another photo of an album in a group: it is not meant by itself, but another one of the album may ask for all.
    6. Anything else is not for us.
    """
    query = update.callback_query
    if query is not None:
        message = query.message
        if not isinstance(message, Message) or query.data is None:
            return None
        asked = PressAsked(action=query.data[:64], callback=query.id)
        return _received(message, query.from_user, asked)
    message = update.message
    if message is None or message.from_user is None or message.from_user.is_bot or message.sender_chat is not None:
        return None
    if message.chat.type == ChatType.PRIVATE:
        wanted = _in_private(message)
    else:
        wanted = _in_group(message, me, group_photos)
        photo = _photo_of(message)
        if wanted is None and message.media_group_id is not None and photo is not None:
            return _received(message, message.from_user, photo, is_meant=False)
    return None if wanted is None else _received(message, message.from_user, wanted)


def _received(
    message: Message, user: User, asked: PhotoAsked | WordsAsked | PressAsked | HowAsked, *, is_meant: bool = True
) -> Received:
    return Received(
        chat=message.chat.id,
        message=message.message_id,
        thread=message.message_thread_id if message.is_topic_message else None,
        user=user.id,
        locale=user.language_code,
        is_private=message.chat.type == ChatType.PRIVATE,
        album=message.media_group_id if isinstance(asked, PhotoAsked | HowAsked) else None,
        is_meant=is_meant,
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
    if command == _OF_ANOTHER_BOT:
        return None
    mention = _mention_of(me)
    is_mentioned = mention.search(said) is not None
    photo = _photo_of(message)
    if photo is not None:
        is_meant = command == _CLASSIFY or is_mentioned or (group_photos and me.sees_all)
        return photo if is_meant or _answers(message, me) else None
    if command == _CLASSIFY or (is_mentioned and command is None and _answered_photo(message) is not None):
        return _answered_photo(message) or HowAsked()
    if command in list(Command):
        return WordsAsked(text=said[:_LONGEST_TEXT])
    if command is None and message.text and (is_mentioned or _answers(message, me)):
        words = mention.sub(" ", said).strip()
        return WordsAsked(text=words[:_LONGEST_TEXT]) if words else HowAsked()
    return None


def _command_of(text: str, me: Me | None = None) -> str | None:
    """The command that a text begins with, in small letters."""
    match = _COMMAND.match(text)
    if match is None:
        return None
    if me is not None and match[2] and match[2].casefold() != me.username.casefold():
        return _OF_ANOTHER_BOT
    return match[1].lower()


def _mention_of(me: Me) -> re.Pattern[str]:
    """``@bunri_bot``, but not ``@bunri_bot2``."""
    return re.compile(rf"@{re.escape(me.username)}\b", re.IGNORECASE)


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
