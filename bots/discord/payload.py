"""What the inbox keeps of a Discord event: enough to answer it after a restart, and nothing else.

No names and no message content beyond the words that Bunri is asked about; photos are references, never bytes.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bots.request import Command

TOKEN_LIFE: Final = timedelta(minutes=15)
"""For how long an interaction can be answered (Discord, receiving-and-responding)."""

DEFAULT_UPLOAD_LIMIT: Final = 10 * 2**20
"""Bytes a file, where nothing better is known (Discord, reference)."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class PhotoReference(_Kept):
    """Where an attachment lies. ``size`` is what Discord states, in bytes."""

    id: int
    url: str
    size: int


class PhotosAsked(_Kept):
    """Attachments to classify. They belong to ``message`` of the channel, or to the interaction where it is None."""

    kind: Literal["photos"] = "photos"
    photos: tuple[PhotoReference, ...]
    message: int | None = None


class WordsAsked(_Kept):
    """A line of text: the name of a thing, or a command typed out."""

    kind: Literal["words"] = "words"
    text: str


class CommandAsked(_Kept):
    """A slash command."""

    kind: Literal["command"] = "command"
    command: Command
    argument: str = ""


class PressAsked(_Kept):
    """A button or an entry of a menu, by the id of its action.

    Attributes:
        action: as ``bots.actions`` writes it.
        is_for_presser: whether the message with the button answered the one who pressed it.

    """

    kind: Literal["press"] = "press"
    action: str
    is_for_presser: bool


Asked = Annotated[PhotosAsked | WordsAsked | CommandAsked | PressAsked, Field(discriminator="kind")]


class MessageReceived(_Kept):
    """A message to answer with messages."""

    source: Literal["message"] = "message"
    id: int
    channel: int
    guild: int | None
    user: int
    locale: str | None
    upload_limit: int = DEFAULT_UPLOAD_LIMIT
    asked: Asked

    @property
    def update_id(self) -> str:
        """Unique among the events of the platform."""
        return f"message:{self.id}"

    @property
    def is_private(self) -> bool:
        """Whether nobody else reads the answer."""
        return self.guild is None


class InteractionReceived(_Kept):
    """A command or a press, acknowledged already, to answer through its token.

    Attributes:
        is_direct: whether it came from a chat with Bunri alone.
        is_ephemeral: whether the acknowledgement promised an answer that only the asker sees; for a press,
            whether the message with the button is such a one.
        received_at: aware, UTC; an interaction comes within a second or not at all.

    """

    source: Literal["interaction"] = "interaction"
    id: int
    application: int
    token: str = Field(repr=False)
    channel: int
    guild: int | None
    user: int
    locale: str | None
    is_direct: bool
    is_ephemeral: bool
    upload_limit: int = DEFAULT_UPLOAD_LIMIT
    asked: Asked
    received_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @property
    def update_id(self) -> str:
        """Unique among the events of the platform."""
        return f"interaction:{self.id}"

    @property
    def is_private(self) -> bool:
        """Whether nobody else reads the answer."""
        return self.is_direct or self.is_ephemeral

    def is_answerable(self, now: datetime | None = None) -> bool:
        """Whether the token still lives, with half a minute left to use it."""
        # By one clock, ours: the time inside the id is that of Discord's.
        return (now or datetime.now(UTC)) - self.received_at < TOKEN_LIFE - timedelta(seconds=30)


Received = MessageReceived | InteractionReceived
_RECEIVED: Final[TypeAdapter[Received]] = TypeAdapter(Annotated[Received, Field(discriminator="source")])


def write(received: Received) -> bytes:
    """The bytes for the inbox, which encrypts them."""
    return _RECEIVED.dump_json(received)


def read(payload: bytes) -> Received:
    """What ``write`` wrote.

    Raises:
        pydantic.ValidationError: another version wrote it.

    """
    return _RECEIVED.validate_json(payload)
