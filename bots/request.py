"""What a resident sends, whatever they send it through."""

from dataclasses import dataclass
from enum import StrEnum

from bots.actions import Action, UnknownActionError, read_action
from bots.platforms import Platform
from guides import Language
from inference.errors import DecodeError


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, as their platform names them. It stays in memory: nothing of it is logged or stored as it is.

    Attributes:
        platform: where they write from.
        user: the platform's id of the person (on the web page: of the session), "" where there is none.
        chat: the platform's id of the chat or channel; the user's own where they are alone with Bunri.
        locale: their language as the platform states it, such as "ko" or "en-GB"; None where it does not.
        is_private: whether nobody else reads the answer.
        language: a language they chose in the adapter itself, which counts more than what is remembered.
        region: likewise a place.

    """

    platform: Platform
    user: str
    chat: str = ""
    locale: str | None = None
    is_private: bool = True
    language: Language | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    """For whom an answer is written. Made by ``Conversation.resident``.

    Attributes:
        language: what they read.
        region: where they throw things away: a jurisdiction of the guides, such as "kr".
        platform: where they write from.
        user_key: their pseudonym; "" for somebody unknown, about whom nothing is remembered.
        chat_key: the pseudonym of the chat.
        is_private: whether nobody else reads the answer.

    """

    language: Language
    region: str
    platform: Platform = Platform.CONSOLE
    user_key: str = ""
    chat_key: str = ""
    is_private: bool = True


@dataclass(frozen=True, slots=True)
class PhotosSent:
    """One or more photos, sent together.

    Attributes:
        photos: for each photo its bytes, or why the adapter did not take it (too big to fetch, say).
        fetch_ms: how long the adapter took to fetch them, milliseconds; 0.0 where they came with the request.
        can_wait: whether the adapter keeps the message and asks again later, where nothing can look at photos now.
        is_again: whether it does so now: the resident was told, and their message was counted.

    """

    photos: tuple[bytes | DecodeError, ...]
    fetch_ms: float = 0.0
    can_wait: bool = False
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A button under one of Bunri's replies."""

    action: Action


class Command(StrEnum):
    """What can be asked for by name. The value is the name on every platform: ``/guide``."""

    START = "start"
    HELP = "help"
    GUIDE = "guide"
    LABELS = "labels"
    GENERATE = "generate"
    LANG = "lang"
    REGION = "region"
    PRIVACY = "privacy"
    CONSENT = "consent"
    MYDATA = "mydata"
    FORGET = "forget"
    REPORT = "report"
    STATS = "stats"


@dataclass(frozen=True, slots=True)
class CommandSent:
    """A command with whatever was written behind it, stripped: ``/guide pizza box`` -> (GUIDE, "pizza box")."""

    command: Command
    argument: str = ""


@dataclass(frozen=True, slots=True)
class TextSent:
    """Words that are no command: the name of a thing, most likely."""

    text: str


Request = PhotosSent | ButtonPressed | CommandSent | TextSent


def read_text(text: str) -> CommandSent | TextSent:
    """What a line of text asks for: ``/guide@bunri_bot pizza box``, ``/generate paper 3``, ``milk carton``.

    An unknown command is text like any other: the conversation then searches for it and offers help.
    """
    words = text.strip()
    if words.startswith("/"):
        name, _, argument = words[1:].partition(" ")
        name = name.partition("@")[0].lower()
        if name in list(Command):
            return CommandSent(Command(name), argument.strip())
    return TextSent(words)


def read_press(action_id: str) -> ButtonPressed | CommandSent:
    """What the id of a pressed button asks for; a button of another version asks for help."""
    try:
        return ButtonPressed(read_action(action_id))
    except UnknownActionError:
        return CommandSent(Command.HELP)
