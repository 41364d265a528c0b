"""Lengths as Telegram and Discord count them at worst: UTF-16 code units."""


def length(text: str) -> int:
    """How many units a text has; an emoji has two or more."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, limit: int) -> str:
    """The text in at most ``limit`` units, between characters; three dots say that something is missing."""
    if length(text) <= limit:
        return text
    return text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", errors="ignore").rstrip() + "…"
