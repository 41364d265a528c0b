"""What an operator decides about Bunri in Telegram."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """The settings of the adapter.

    Attributes:
        token: the bot's token from @BotFather; never shown.
        base_url: of the Bot API, to which the token is appended; another one for a local server.
        base_file_url: likewise for downloads.
        webhook_url: public https address to which Telegram sends updates; None polls for them.
        webhook_secret: what Telegram shows with each update, 1-256 of A-Z a-z 0-9 _ -; "" makes one at each start.
        webhook_host: address to listen on, behind the proxy that speaks https.
        webhook_port: port to listen on; 0 takes a free one.
        group_photos: answer every photo in groups in which Telegram lets the bot read along.
        workers: how many chats are answered at a time; at least 1.
        queue_limit: how many updates may be unfinished before no more are fetched; at least 1.
        max_photo_bytes: bigger files are refused before they are fetched (Bot API, getFile: 20 MB).
        poll_seconds: how long Telegram holds a request for updates open.
        messages_per_second: over all chats (Telegram's FAQ: about 30).
        messages_per_group_minute: in one group (Telegram's FAQ: 20).
        album_quiet_s: seconds without another photo after which an album is complete.
        retry_s: seconds before a second attempt.
        postpone_s: seconds before photos that nothing could look at are tried again; longer each time.

    """

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"
    webhook_url: str | None = None
    webhook_secret: str = field(default="", repr=False)
    webhook_host: str = "127.0.0.1"
    webhook_port: int = 8443
    group_photos: bool = False
    workers: int = 8
    queue_limit: int = 500
    max_photo_bytes: int = 20_000_000
    poll_seconds: int = 25
    messages_per_second: float = 30
    messages_per_group_minute: float = 20
    album_quiet_s: float = 1.0
    retry_s: float = 0.5
    postpone_s: float = 5.0
