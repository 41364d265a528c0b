"""Where a resident writes from."""

from enum import StrEnum


class Platform(StrEnum):
    """The platforms that have an adapter. The value is what the database holds; it never changes."""

    TELEGRAM = "telegram"
    DISCORD = "discord"
    WEB = "web"
    CONSOLE = "console"
