"""What the inbox keeps of a Telegram update: enough to answer it after a restart, and nothing else.

No names and no captions; photos are references, never bytes.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class PhotoAsked(_Kept):
    """A photo, or a file that may be one, to classify. ``size`` is what Telegram states, in bytes, if it does."""

    kind: Literal["photo"] = "photo"
    file_id: str
    size: int | None = None


class WordsAsked(_Kept):
    """A line of text: a command, or the name of a thing."""

    kind: Literal["words"] = "words"
    text: str = Field(repr=False)


class PressAsked(_Kept):
    """A button, by the id of its action. ``callback`` is the query that Telegram wants acknowledged."""

    kind: Literal["press"] = "press"
    action: str
    callback: str


class HowAsked(_Kept):
    """Something that cannot be answered: how to ask."""

    kind: Literal["how"] = "how"


Asked = Annotated[PhotoAsked | WordsAsked | PressAsked | HowAsked, Field(discriminator="kind")]


class Received(_Kept):
    """An update to answer.

    Attributes:
        chat: where the answer goes.
        message: the message to answer, or the one with the pressed button.
        thread: the topic of a forum that it is in.
        user: who asks.
        locale: their language as Telegram states it.
        is_private: whether nobody else reads the chat.
        album: what the parts of one album have in common.
        is_meant: whether this one asks for Bunri; a photo of a group's album that does not is answered only where
            another part of its album asks.
        asked: what is wanted.

    """

    chat: int
    message: int
    thread: int | None = None
    user: int
    locale: str | None = None
    is_private: bool
    album: str | None = None
    is_meant: bool = True
    asked: Asked


def write(received: Received) -> bytes:
    """As the inbox keeps it."""
    return received.model_dump_json(exclude_none=True).encode()


def read(payload: bytes) -> Received:
    """What the inbox kept.

    Raises:
        pydantic.ValidationError: another version wrote it.

    """
    return Received.model_validate_json(payload)
