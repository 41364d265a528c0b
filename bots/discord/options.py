"""What an operator decides about Bunri in Discord."""

from dataclasses import dataclass, field
from typing import Final

MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    """The settings of the adapter.

    Attributes:
        token: the bot's token from the Developer Portal; never shown.
        channels: ids of the channels in which every image is answered, threads inside them included. Discord
            hides attachments there from bots without the message content intent: see ``message_content``.
        message_content: ask Discord for that privileged intent; it must be switched on in the Developer Portal.
        dev_guild: id of the one server to register the commands in while developing; None registers them everywhere.
        shards_above: from this number of servers on, several gateway connections; 0 always, None never.
            Discord refuses one connection from 2500 servers on.
        workers: how many messages and presses are answered at a time; at least 1.
        queue_limit: how many may wait before newcomers are told that Bunri is busy; at least 1.
        max_photo_bytes: bigger attachments are refused before they are fetched.
        fetch_seconds: how long fetching one photo may take.
        postpone_s: seconds before photos that nothing could look at are tried again; longer each time.
        disconnected_seconds: for how long a lost gateway connection still counts as alive.

    """

    token: str = field(repr=False)
    channels: frozenset[int] = frozenset()
    message_content: bool = False
    dev_guild: int | None = None
    shards_above: int | None = 1000
    workers: int = 4
    queue_limit: int = 200
    max_photo_bytes: int = 20 * MIB
    fetch_seconds: float = 60.0
    postpone_s: float = 5.0
    disconnected_seconds: float = 120.0
